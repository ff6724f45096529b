import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DOMAIN_CHECK_IDS } from '../../src/insight/doctor/domain/report.ts'
import { runWaybill } from '../support/waybill.ts'

const NOWHERE = join(tmpdir(), 'waybill-needs-no-data')

test('waybill doctor domain makes every check without a server or a database, as text and as JSON', async () => {
  // RFC 6761 §6.4: this name exists nowhere, whatever the network of the machine.
  const [text, json] = await Promise.all([
    runWaybill(NOWHERE, ['doctor', 'domain', 'nobody.invalid', '--ip', '192.0.2.25']),
    runWaybill(NOWHERE, ['doctor', 'domain', 'nobody.invalid', '--selector', 's1', '--json']),
  ])
  expect([text.stderr, json.stderr]).toEqual(['', ''])
  expect(text.stdout).toContain('nobody.invalid: ')
  expect(text.stdout).toContain('SPF')
  const report = JSON.parse(json.stdout) as { ok: boolean; checks: { id: string }[] }
  expect(report.checks.map(({ id }) => id)).toEqual(DOMAIN_CHECK_IDS)
  expect(json.code).toBe(report.ok ? 0 : 1)
})

test.each([
  [['not a domain'], /This is not a domain/],
  [['example.org', '--ip', '300.1.1.1'], /not an IP address/],
])('waybill doctor domain %j is refused with a sentence', async (args, sentence) => {
  const { code, stderr } = await runWaybill(NOWHERE, ['doctor', 'domain', ...args])
  expect(code).toBe(1)
  expect(stderr).toMatch(sentence)
})
