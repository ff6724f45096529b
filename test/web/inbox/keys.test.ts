import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { INBOX_KEYS } from '../../../web/inbox/keys.ts'

/** What the shell binds on every page: `web/shell/shell.tsx`, `web/notifications/bell.tsx`, and `g` before a page's letter. */
const EVERYWHERE = ['mod+k', '/', '?', 'N', 'g', 'Enter']

test('no key of the inbox means two things, nor what the shell means by it', () => {
  const keys = [...Object.values(INBOX_KEYS).map((entry) => entry.keys), ...EVERYWHERE]
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
})

test('no page of the inbox binds a key beside the table', () => {
  const files = globSync('web/inbox/**/*.{ts,tsx}').filter((file) => !file.endsWith('inbox/keys.ts'))
  expect(files.length).toBeGreaterThan(20)
  expect(files.filter((file) => /\buse(List)?Keys\(/.test(readFileSync(file, 'utf8')))).toEqual([])
})

test('what the shell binds is what this test takes it for', () => {
  const bound = ['web/shell/shell.tsx', 'web/notifications/bell.tsx'].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/keys: ['`]([^'`$]+)/g)].map(([, keys]) => keys?.trim()),
  )
  expect(bound.sort()).toEqual(EVERYWHERE.filter((key) => key !== 'Enter').sort())
})

test('the manual names every key', () => {
  const manual = readFileSync('docs/helpdesk.md', 'utf8')
  expect(Object.values(INBOX_KEYS).filter(({ keys }) => !manual.includes(`\`${keys}\``))).toEqual([])
})
