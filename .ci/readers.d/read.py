"""Writes reports of several set-ups in every format, and reads those that Python has readers for."""

import json
import pathlib
import subprocess
import sys

import botocore.session
import botocore.validate
import jsonschema
import junitparser
import xmlschema

HOME = pathlib.Path(sys.argv[1])
OUT = HOME / "out"
FORMATS = ["json", "sarif", "github", "markdown", "junit", "gitlab", "asff", "html"]
FIXTURES = "fixtures/interstellar/"
HOSTILE = (
    "\x1b]8;;http://evil\x07\x9b31m\r\n::error::x\n##[error]y\u202e</script></title><b>@you `|</code> ]]> "
    "[a](http://evil) {0} ${aws:x} #1 www.evil &lt; --> ``` \U0001f600"
)
problems = []


def check(condition, text):
    if not condition:
        problems.append(text)


def hostile():
    """A snapshot with hostile Sids and values."""
    folder = HOME / "hostile"
    source = pathlib.Path(FIXTURES + "source-arn-wrong-region")
    text = json.dumps(HOSTILE + "S" * 10_000, ensure_ascii=False)
    name = json.dumps(HOSTILE, ensure_ascii=False)
    for file in source.rglob("*.json"):
        content = file.read_text()
        content = content.replace('"AWSCloudTrailWrite222222222222"', text)
        content = content.replace('"AWSCloudTrailAclCheck20150319"', text)
        content = content.replace(
            '"arn:aws:cloudtrail:us-east-1:222222222222:trail/payments-trail"', name
        )
        target = folder / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)
    return str(folder.relative_to(pathlib.Path.cwd()))


def write_reports():
    set_ups = {
        name: FIXTURES + name
        for name in [
            "sound",
            "source-arn-wrong-region",
            "trail-stopped",
            "key-policy-unseen",
        ]
    }
    set_ups["hostile"] = hostile()
    OUT.mkdir(exist_ok=True)
    config = OUT / "trail-lint.toml"
    config.write_text('[[suppress]]\nrule = "source-arn-missing"\nreason = "known"\n')
    for name, folder in set_ups.items():
        outputs = [f"--output={it}={OUT}/{name}.{it}" for it in FORMATS]
        evidence = f"--sarif-evidence={OUT}/{name}.evidence"
        command = ["target/debug/trail-lint", "check", folder, "-q", "--fail-on=never", "--allow-partial"]
        subprocess.run(command + outputs + [evidence, f"--config={config}"], check=True, stdout=subprocess.DEVNULL)
    return set_ups


def findings(name):
    return json.loads((OUT / f"{name}.json").read_text())["findings"]


def places(name):
    """Rule, file and line of every finding, each once."""
    found = findings(name)
    return {(it["rule"], it["location"]["path"], it["location"]["line"]) for it in found}


def read_json(name):
    schema = json.loads(pathlib.Path("docs/report-1.schema.json").read_text())
    report = json.loads((OUT / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for error in jsonschema.Draft202012Validator(schema).iter_errors(report):
        problems.append(f"{name}.json: {error.message}")


def read_junit(name):
    file = OUT / f"{name}.junit"
    for error in xmlschema.XMLSchema(HOME / "junit-10.xsd").iter_errors(str(file)):
        problems.append(f"{name}.junit: {error.reason}")
    suites = junitparser.JUnitXml.fromfile(str(file))
    cases = [case for suite in suites for case in suite]
    check(suites.tests == len(cases), f"{name}.junit: {suites.tests} tests, {len(cases)} cases")
    report = json.loads((OUT / f"{name}.json").read_text())
    requests = sum(len(trail["requests"]) for trail in report["trails"])
    others = sum(1 for it in report["findings"] if not it["requests"])
    check(len(cases) >= requests + others, f"{name}.junit: {len(cases)} cases for {requests} + {others}")


def read_gitlab(name):
    schema = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "minLength": 1},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^./]"},
                        "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                    },
                },
            },
        },
    }
    issues = json.loads((OUT / f"{name}.gitlab").read_text())
    for error in jsonschema.Draft202012Validator(schema).iter_errors(issues):
        problems.append(f"{name}.gitlab: {error.message}")
    prints = [issue["fingerprint"] for issue in issues]
    check(len(prints) == len(set(prints)), f"{name}.gitlab: a fingerprint twice")
    # The same format, made by somebody else from our SARIF.
    sarif, other = OUT / f"{name}.sarif", OUT / f"{name}.codeclimate"
    tool = str(HOME / "venv/bin/sarif")
    subprocess.run([tool, "codeclimate", "-o", str(other), str(sarif)], check=True, stdout=subprocess.DEVNULL)
    theirs = json.loads(other.read_text())
    mine = {(it["location"]["path"], int(it["location"]["lines"]["begin"])) for it in issues}
    made = {(it["location"]["path"], int(it["location"]["lines"]["begin"])) for it in theirs}
    check(mine == made, f"{name}.gitlab: {mine ^ made}")


def read_asff(name):
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    batch = json.loads((OUT / f"{name}.asff").read_text())
    if batch:
        report = botocore.validate.ParamValidator().validate({"Findings": batch}, shape)
        check(not report.has_errors(), f"{name}.asff: {report.generate_report()}")
    check(len(batch) == len(findings(name)), f"{name}.asff: {len(batch)} findings")
    labels = set(model.shape_for("SeverityLabel").enum)
    statuses = set(model.shape_for("ComplianceStatus").enum)
    for finding in batch:
        account = finding["AwsAccountId"]
        check(finding["Severity"]["Label"] in labels, f"{name}.asff: {finding['Severity']}")
        check(finding["Compliance"]["Status"] in statuses, f"{name}.asff: {finding['Compliance']}")
        check(f":{account}:product/{account}/default" in finding["ProductArn"], f"{name}.asff: {finding['ProductArn']}")
        check(len(json.dumps(finding)) < 240_000, f"{name}.asff: too large")


for name in write_reports():
    read_json(name)
    read_junit(name)
    read_gitlab(name)
    read_asff(name)
if problems:
    sys.exit("\n".join(problems))
print("read: JSON by jsonschema, JUnit by xmlschema and junitparser, Code Quality by sarif-tools, ASFF by botocore")
