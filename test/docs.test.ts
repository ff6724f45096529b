import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { FILES_WITH_TABLES, withTables } from '../bin/doc-tables.ts'
import packageFile from '../package.json' with { type: 'json' }
import { CONFIG_DOCS } from '../src/config.ts'
import { DELIVERY_STATES } from '../src/delivery/delivery.ts'
import { FAILURE_CLASSES } from '../src/mail/failure.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

test.each([...FILES_WITH_TABLES])('the tables of %s are what the code says now (npm run codegen writes them)', async (page) => {
  const text = read(page)
  expect(await withTables(text)).toBe(text)
})

test('the README lists every setting and no other', () => {
  expect([...read('README.md').matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1])).toEqual(
    CONFIG_DOCS.map(({ name }) => name),
  )
})

test('docs/delivery.md explains every state, draws every one, and lists every class of failure', () => {
  const text = read('docs/delivery.md')
  const [, states = ''] = /\| state \| it means[^\n]*\n[^\n]*\n((?:\|[^\n]*\n)+)/.exec(text) ?? []
  expect([...states.matchAll(/^\| `([a-z]+)`/gm)].map((match) => match[1]).sort()).toEqual([...DELIVERY_STATES].sort())
  const [, drawing = ''] = /```mermaid\n([\s\S]*?)```/.exec(text) ?? []
  expect(DELIVERY_STATES.filter((state) => !drawing.includes(state))).toEqual([])
  expect(FAILURE_CLASSES.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([])
})

test('the levels of docs/ARCHITECTURE.md are those that test/architecture.test.ts holds', () => {
  const [, held = ''] = /const LEVEL[^{]*\{([^}]*)\}/.exec(read('test/architecture.test.ts')) ?? []
  const levels = new Map([...held.matchAll(/(\w+): (\d+)/g)].map(([, folder = '', level]) => [folder, Number(level)]))
  const rows = [...read('docs/ARCHITECTURE.md').matchAll(/^\| (\d+) \| ([^|]*) \|/gm)]
  const documented = new Map(
    rows.flatMap(([, level, folders = '']) =>
      [...folders.matchAll(/`src\/(\w+)\/`/g)].map(([, folder = '']) => [folder, Number(level)] as const),
    ),
  )
  expect(levels.size).toBeGreaterThan(10)
  expect(Object.fromEntries([...documented].sort())).toEqual(Object.fromEntries([...levels].sort()))
})

test('every link of the documents leads somewhere', () => {
  const wrong = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !leads(page, target))
      .map((target) => `${page}: ${target}`),
  )
  expect(wrong).toEqual([])
})

test('every file that the documents name is there', () => {
  const wrong = PAGES.flatMap((page) =>
    [...read(page).matchAll(/(?<![\w/.-])((?:src|test|web|bin|bench|migrations|docs)\/[\w./-]*[\w/])/g)]
      .map((match) => match[1] ?? '')
      .filter((path) => !existsSync(join(ROOT, path)) && !BUILT.has(path))
      .map((path) => `${page}: ${path}`),
  )
  expect(wrong).toEqual([])
})

test('every command that the documents name exists, and every option of it', () => {
  const program = read('src/cli/program.ts')
  const commands = new Set([...program.matchAll(/\.command\('([a-z]+)'\)/g)].map((match) => match[1]))
  const options = new Set([...program.matchAll(/'(?:-\w, )?(--[a-z-]+)/g)].map((match) => match[1]))
  const scripts = new Set<string>(Object.keys(packageFile.scripts))
  const wrong: string[] = []
  for (const page of PAGES) {
    const text = read(page)
    for (const [line, command = ''] of text.matchAll(/(?:npx waybill|bin\/waybill|`waybill) ([a-z]+)[^`\n]*/g)) {
      if (!commands.has(command)) wrong.push(`${page}: waybill ${command}`)
      for (const [option] of line.matchAll(/--[a-z-]+/g))
        if (!options.has(option)) wrong.push(`${page}: waybill ${command} ${option}`)
    }
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g))
      if (!scripts.has(script)) wrong.push(`${page}: npm run ${script}`)
  }
  expect(commands.size).toBeGreaterThan(5)
  expect(wrong).toEqual([])
})

test('every setting that the documents name exists', () => {
  const names = new Set(CONFIG_DOCS.map(({ name }) => name))
  const wrong = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\bWAYBILL_[A-Z_]+\b/g)]
      .map(([name]) => name)
      .filter((name) => !names.has(name))
      .map((name) => `${page}: ${name}`),
  )
  expect(wrong).toEqual([])
})

test('every decision is in the list of decisions', () => {
  const files = PAGES.filter((page) => /^docs\/adr\/\d{4}-/.test(page)).map((page) => relative('docs/adr', page))
  expect([...read('docs/adr/README.md').matchAll(/\]\((\d{4}-[^)]+)\)/g)].map((match) => match[1])).toEqual(files.sort())
})

/** What a checkout only has once it was used. */
const BUILT = new Set(['web/dist'])

function leads(page: string, target: string): boolean {
  if (/^https?:/.test(target)) return true
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path)
  if (!existsSync(file)) return false
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).has(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const headings = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
