import { expect, test } from 'vitest'
import { type Check, toReport } from '../../../src/insight/doctor/report.ts'

const checks: Check[] = ['greeting', 'encryption'].map((id) => ({
  id,
  title: id,
  status: 'ok',
  ms: 1,
  evidence: '',
  cause: null,
  fixes: [],
}))

test('a connection that is not encrypted is not said to be', () => {
  const host = { host: 'smtp.example.org', port: 25 }
  expect(toReport({ ...host, security: 'none' }, checks).summary).toBe('smtp.example.org:25 answers.')
  expect(toReport({ ...host, security: 'starttls' }, checks).summary).toBe('smtp.example.org:25 answers and encrypts.')
})
