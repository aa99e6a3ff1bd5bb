// Reads what read.py has written: SARIF, workflow commands, Markdown and HTML.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import MarkdownIt from 'markdown-it';
import { parse } from 'parse5';

const out = 'out';
const names = fs.readdirSync(out).filter((file) => file.endsWith('.json')).map((file) => path.parse(file).name);
const read = (name) => fs.readFileSync(path.join(out, name), 'utf8');
const report = (name) => JSON.parse(read(`${name}.json`));
const problems = [];
const check = (condition, text) => condition || problems.push(text);

function readSarif() {
  const tool = 'node_modules/@microsoft/sarif-multitool-linux';
  const schema = JSON.parse(fs.readFileSync(`${tool}/sarif-2.1.0.json`, 'utf8').replace(/^\uFEFF/, ''));
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const valid = ajv.compile(schema);
  // GitHub's rules are off unless they are asked for; SARIF2006 would fetch every address in the file.
  const rules = ['GH1001.ProvideRequiredLocationProperties', 'GH1002.InlineThreadFlowLocations', 'GH1003.ProvideRequiredRegionProperties',
    'GH1005.LocationsMustBeRelativeUrisOrFilePaths', 'GH1006.ProvideCheckoutPath', 'GH1007.ProvideFullyFormattedMessageStrings'];
  const set = (rule, value) => `<Properties Key="${rule}.Options"><Property Key="RuleEnabled" Value="${value}" Type="Driver.RuleEnabledState" /></Properties>`;
  const options = [...rules.map((rule) => set(rule, 'Error')), set('SARIF2006.UrisShouldBeReachable', 'Disabled')];
  fs.writeFileSync('options.xml', `<?xml version="1.0" encoding="utf-8"?>\n<Properties>${options.join('\n')}</Properties>\n`);
  for (const name of names) {
    for (const [kind, rules] of [['sarif', 'Sarif;Ghas'], ['evidence', 'Sarif']]) {
      const log = JSON.parse(read(`${name}.${kind}`));
      if (!valid(log)) problems.push(`${name}.${kind}: ${ajv.errorsText(valid.errors)}`);
      fs.copyFileSync(path.join(out, `${name}.${kind}`), 'in.sarif');
      const options = ['validate', 'in.sarif', '--rule-kind', rules, '--config', 'options.xml', '--level', 'Error;Warning',
        '--max-file-size-in-kb', '1000000', '--output', 'judged.sarif', '--log', 'ForceOverwrite', '--quiet'];
      fs.rmSync('judged.sarif', { force: true });
      // Its exit status is 0 whatever it finds; what counts is what it writes.
      spawnSync(`${tool}/Sarif.Multitool`, options, { encoding: 'utf8' });
      const judged = JSON.parse(fs.readFileSync('judged.sarif', 'utf8').replace(/^\uFEFF/, '')).runs[0];
      for (const result of judged.results ?? []) {
        problems.push(`${name}.${kind}: ${result.ruleId} ${JSON.stringify(result.message)}`);
      }
    }
    const categories = JSON.parse(read(`${name}.sarif`)).runs.map((run) => run.automationDetails.id);
    check(new Set(categories).size === categories.length, `${name}.sarif: a category twice`);
  }
}

// A line is taken apart, and GitHub's own library is to put it together again to the same bytes.
async function readCommands() {
  const { issueCommand } = await import('@actions/core/lib/command.js');
  const unescape = (text) => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%');
  for (const name of names) {
    const lines = read(`${name}.github`).trimEnd().split('\n');
    check(lines.pop().startsWith('trail-lint: '), `${name}.github: no total at the end`);
    for (const line of lines) {
      const [, level, properties, message] = /^::(\w+) (.*?)::(.*)$/s.exec(line) ?? [];
      if (!level) { problems.push(`${name}.github: no command: ${line}`); continue; }
      const pairs = properties.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), unescape(pair.slice(pair.indexOf('=') + 1))]);
      const write = process.stdout.write;
      let written = '';
      process.stdout.write = (text) => { written += text; return true; };
      issueCommand(level, Object.fromEntries(pairs), unescape(message));
      process.stdout.write = write;
      check(written.trimEnd() === line, `${name}.github: ${line}\nthe library writes ${written}`);
    }
    const wanted = new Set(report(name).findings.map((it) => `${it.rule} ${it.location.path}:${it.location.line}`)).size;
    const unseen = report(name).not_evaluated.filter((it) => it.decisive).length;
    check(lines.length >= wanted + unseen, `${name}.github: ${lines.length} annotations for ${wanted} places`);
  }
}

const inside = (node, visit) => { visit(node); for (const child of node.childNodes ?? []) inside(child, visit); };

function readMarkdown() {
  const markdown = new MarkdownIt({ html: true, linkify: true });
  for (const name of names) {
    const text = read(`${name}.markdown`);
    check(text.length < 65536, `${name}.markdown: ${text.length} characters`);
    const counts = {};
    inside(parse(markdown.render(text)), (node) => {
      counts[node.nodeName] = (counts[node.nodeName] ?? 0) + 1;
      const link = (node.attrs ?? []).find((it) => it.name === 'href')?.value;
      check(link === undefined || link.startsWith('https://github.com/trail-lint/trail-lint/blob/main/rules/'), `${name}.markdown: links to ${link}`);
    });
    for (const forbidden of ['script', 'img', 'iframe', 'h3']) check(!counts[forbidden], `${name}.markdown: has a ${forbidden}`);
    const trails = report(name).trails.length;
    check(counts.table === 1 && counts.tr === trails + 1, `${name}.markdown: ${counts.tr} rows for ${trails} trails`);
    check(counts.td === trails * 8, `${name}.markdown: ${counts.td} cells`);
    const wanted = report(name).findings.length > 0;
    check(counts.details === counts.summary && (counts.details > 0) === wanted, `${name}.markdown: ${counts.details} findings`);
  }
}

function readMarkup() {
  for (const name of names) {
    const page = read(`${name}.html`);
    const errors = [];
    const tree = parse(page, { onParseError: (error) => errors.push(`${error.code} in line ${error.startLine}`), sourceCodeLocationInfo: true });
    check(errors.length === 0, `${name}.html: ${errors.join(', ')}`);
    const ids = [], counts = {};
    inside(tree, (node) => {
      counts[node.nodeName] = (counts[node.nodeName] ?? 0) + 1;
      for (const { name: attribute, value } of node.attrs ?? []) {
        if (attribute === 'id') ids.push(value);
        check(!attribute.startsWith('on'), `${name}.html: ${attribute}`);
      }
    });
    check(new Set(ids).size === ids.length, `${name}.html: an id twice`);
    check(counts.script === 1 && counts.h1 === 1 && counts.main === 1, `${name}.html: ${JSON.stringify(counts)}`);
  }
}

async function readInBrowser() {
  if (!process.env.BROWSER) return console.log('NOT RUN: no Chromium, so no page was opened in a browser');
  const { default: puppeteer } = await import('puppeteer-core');
  const browser = await puppeteer.launch({ executablePath: process.env.BROWSER, args: ['--no-sandbox'] });
  for (const name of names) {
    const page = await browser.newPage();
    const said = [], asked = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    const address = `file://${path.resolve(out, `${name}.html`)}`;
    await page.goto(address);
    const shown = () => page.$$eval('.finding', (all) => all.filter((it) => it.offsetParent !== null).map((it) => it.dataset.severity));
    const before = await shown();
    check((before.length > 0) === (report(name).findings.length > 0), `${name}.html: ${before.length} findings are shown`);
    await page.click('input[value=low]');
    const after = await shown();
    check(!after.includes('low') && after.length === before.filter((it) => it !== 'low').length, `${name}.html: the filter of severities`);
    await page.click('input[value=low]');
    await page.select('#account', '111111111111');
    const rows = await page.$$eval('tbody tr', (all) => all.filter((it) => it.offsetParent !== null).map((it) => it.dataset.accounts));
    check(rows.length > 0 && rows.every((it) => it === '111111111111'), `${name}.html: the filter of accounts: ${rows}`);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      const [ink, ground] = await page.$eval('body', (body) => [getComputedStyle(body).color, getComputedStyle(body).backgroundColor]);
      check(contrast(ink, ground) >= 7, `${name}.html: ${scheme}: ${ink} on ${ground}`);
      for (const text of ['td.bad', 'td.good', 'td.unsure', '.severity', '.place', 'thead th', '.finding a']) {
        const colors = await page.$$eval(text, (all) => all.map((it) => getComputedStyle(it).color));
        for (const color of new Set(colors)) check(contrast(color, ground) >= 4.5, `${name}.html: ${scheme}: ${text} ${color} on ${ground}`);
      }
    }
    await page.setViewport({ width: 360, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= 360, `${name}.html: ${wide} wide on a telephone`);
    // Of the best practices too, which no law asks for: what is a landmark has a name of its own.
    await page.$$eval('details', (all) => all.forEach((it) => { it.open = true; }));
    await page.evaluate(fs.readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const judged = await page.evaluate((values) => axe.run(document, { runOnly: { type: 'tag', values } }), tags);
    for (const { id, help, nodes } of judged.violations) problems.push(`${name}.html: ${id}: ${help}: ${nodes[0].html}`);
    const others = asked.filter((it) => it !== address && !it.startsWith('data:'));
    check(said.length === 0, `${name}.html says ${said}`);
    check(others.length === 0, `${name}.html asks for ${others}`);
    await page.close();
    // Without JavaScript everything is there, and nothing that does not work.
    const still = await browser.newPage();
    await still.setJavaScriptEnabled(false);
    await still.goto(address);
    const text = await still.$eval('main', (main) => main.innerText);
    for (const finding of report(name).findings) check(text.includes(finding.rule), `${name}.html: without JavaScript ${finding.rule} is not shown`);
    check(await still.$eval('#filter', (form) => form.offsetParent === null), `${name}.html: a filter without JavaScript`);
    await still.close();
  }
  await browser.close();
}

// The contrast of WCAG 2.
function contrast(one, other) {
  const light = (color) => {
    const [r, g, b] = color.match(/\d+/g).slice(0, 3).map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

readSarif();
await readCommands();
readMarkdown();
readMarkup();
await readInBrowser();
if (problems.length) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log("read: SARIF by Microsoft's validator, commands by @actions/core, Markdown by markdown-it, HTML by parse5, a browser and axe");
