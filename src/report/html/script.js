
"use strict";
(() => {
  const filter = document.getElementById("filter");
  const account = document.getElementById("account");
  const shown = document.getElementById("shown");
  const boxes = [...filter.querySelectorAll("input[name=severity]")];
  const findings = [...document.querySelectorAll(".finding")];
  const rows = [...document.querySelectorAll("tbody tr")];
  // What is about no account in particular concerns them all.
  const isOf = (element, wanted) =>
    wanted === "" || element.dataset.accounts === "" || element.dataset.accounts.split(" ").includes(wanted);
  const update = () => {
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const finding of findings) {
      finding.hidden = !(severities.has(finding.dataset.severity) && isOf(finding, account.value));
      count += finding.hidden ? 0 : 1;
    }
    for (const row of rows) row.hidden = !isOf(row, account.value);
    shown.textContent = `${count} of ${findings.length} findings shown`;
  };
  filter.addEventListener("input", update);
  filter.hidden = false;
  update();
})();
