import { expect, test } from 'vitest'
import { nearestOf } from '../../src/lib/nearest.ts'

test.each([
  ['WAYBILL_PROT', 'WAYBILL_PORT'],
  ['WAYBILL_SMTP_URI', 'WAYBILL_SMTP_URL'],
  ['WAYBILL_PORTS', 'WAYBILL_PORT'],
  ['COFFEE', null],
  ['', null],
])('%s was probably meant as %s', (name, meant) => {
  expect(nearestOf(name, ['WAYBILL_PORT', 'WAYBILL_SMTP_URL'])).toBe(meant)
})
