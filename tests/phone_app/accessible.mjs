// What every screen has to hold: axe's rules, text of 16 px and more, targets of 48, nothing wider than the phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function check(page, where) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE);
  const found = await page.evaluate(
    (tags) => window.axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    AXE_TAGS,
  );
  const says = found.violations.map(
    (it) => `${it.id}: ${it.nodes.map((node) => `${node.target} ${node.failureSummary}`).join(' | ')}`,
  );
  assert.deepEqual(says, [], where);
  const measured = await page.evaluate(() => {
    const visible = (it) => {
      const box = it.getBoundingClientRect();
      return box.width > 1 && box.height > 1;
    };
    const small = [...document.querySelectorAll('body *')].filter(
      (it) =>
        visible(it) &&
        [...it.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()) &&
        parseFloat(getComputedStyle(it).fontSize) < 16,
    );
    const targets = [
      ...document.querySelectorAll('a, button, input:not([type=radio], [type=checkbox]), textarea, summary, .choice'),
    ].filter((it) => visible(it) && !it.classList.contains('skip') && it.getBoundingClientRect().height < 47.5);
    const name = (it) => `${it.tagName} ${it.className} ${it.textContent.slice(0, 30)}`;
    return {
      small: small.map(name),
      targets: targets.map((it) => `${name(it)} ${it.getBoundingClientRect().height}`),
      isWide: document.documentElement.scrollWidth > innerWidth,
    };
  });
  assert.deepEqual(measured, { small: [], targets: [], isWide: false }, where);
}
