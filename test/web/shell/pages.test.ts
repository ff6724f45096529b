import { expect, test } from 'vitest'
import { GROUPS, PAGES } from '../../../web/shell/pages.ts'
import { en } from '../../../web/texts/en.ts'

test('no two pages of the navigation share a key, a name or an address', () => {
  for (const of of ['key', 'name', 'to'] as const) {
    const values = PAGES.map((page) => page[of])
    expect(new Set(values).size, of).toBe(values.length)
  }
  expect(PAGES.every(({ key }) => /^[a-zA-Z]$/.test(key))).toBe(true)
})

test('pages stand by their groups, every group has some, and every name fits a narrow menu', () => {
  expect([...new Set(PAGES.map(({ group }) => group))]).toEqual(GROUPS)
  const places = PAGES.map(({ group }) => GROUPS.indexOf(group))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(PAGES.filter(({ name }) => en.shell.pages[name].length > 18)).toEqual([])
})
