import { expect, test } from 'vitest'
import { createLog } from '../src/log.ts'

function collected(isTTY: boolean, level: 'info' | 'debug' = 'info') {
  const lines: string[] = []
  return { lines, log: createLog({ level, target: { isTTY, write: (line) => lines.push(line) } }) }
}

test('machines get one JSON object a line, with the time and what was given', () => {
  const { log, lines } = collected(false)
  log.info({ route: 'relay' }, 'sent')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/\n$/)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 30,
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    route: 'relay',
    msg: 'sent',
  })
})

test('people at a terminal get the time, the level, the sentence, the details, and a stack below', () => {
  const { log, lines } = collected(true)
  log.warn({ route: 'relay', failures: 2, err: new Error('refused') }, 'waiting')
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}waiting {2}route=relay {2}failures=2\nError: refused\n {4}at .*\n$/s)
})

test.each([true, false])('addresses are shortened from info up and whole below, also in errors (terminal: %s)', (isTTY) => {
  const { log, lines } = collected(isTTY, 'debug')
  log.info({ to: 'ann@example.org', err: new Error('no mailbox bob@example.org') }, 'cannot send to cay@example.org')
  expect(lines[0]).toMatch(/a\*\*\*@example\.org/)
  expect(lines[0]).not.toMatch(/ann@|bob@|cay@/)
  log.debug({ to: 'ann@example.org' }, 'looking')
  expect(lines[1]).toContain('ann@example.org')
})

test('secrets are hidden by their names at every depth we log, and by their looks anywhere', () => {
  const { log, lines } = collected(false)
  log.info(
    { password: 'hunter2', route: { password: 'hunter2', auth: { token: 'hunter2' } }, headers: { cookie: 'hunter2' } },
    'wb_hunter2hunter2',
  )
  log.error({ err: new Error('cannot reach smtp://user:hunter2@relay:25') }, 'failed')
  expect(lines.join('')).not.toContain('hunter2')
})

test('nothing below the chosen level is written', () => {
  const { log, lines } = collected(false)
  log.debug('quiet')
  expect(lines).toEqual([])
})
