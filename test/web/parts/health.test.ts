import { expect, test } from 'vitest'
import { healthTone } from '../../../web/parts/health.ts'

const item = { sentence: 'Mail that came in was put aside.', link: '/quarantine', incident_id: null }

test('nothing that needs a person looks good, also while all mail flows', () => {
  expect(healthTone({ ok: true, items: [] })).toBe('good')
  expect(healthTone({ ok: true, items: [item] })).toBe('care')
  expect(healthTone({ ok: false, items: [item] })).toBe('bad')
  expect(healthTone({ ok: false, items: [] })).toBe('care')
})
