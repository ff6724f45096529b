import { expect, test } from 'vitest'
import { formatProgress, formatSummary, type TextOptions } from '../../../src/insight/doctor/format-report.ts'
import { type ConnectionInput, type DoctorReport, toCheck, toReport } from '../../../src/insight/doctor/report.ts'

/** What the command line shows in the end, line for line. */
function formatReport(report: DoctorReport, options: TextOptions = {}): string {
  const checks = report.checks.map((check) => formatProgress({ kind: 'finished', check }, options))
  return `${checks.join('\n')}\n\n${formatSummary(report, options)}`
}

const INPUT: ConnectionInput = { host: 'smtp.example.org', port: 465, security: 'starttls' }

test('the report is a checklist: what was seen, what it means, what to change', () => {
  const report = toReport(INPUT, [
    toCheck(
      'greeting',
      {
        status: 'fail',
        evidence: 'Nothing came.',
        cause: 'It expects TLS.',
        fixes: [{ label: 'Use TLS', patch: { security: 'tls' } }],
      },
      3_012.4,
    ),
    toCheck('settings', { status: 'ok', evidence: 'smtp.example.org:465' }, 0),
    toCheck('login', { status: 'skip', evidence: 'Not reached.' }, 0),
  ])
  expect(formatReport(report)).toBe(
    [
      '✓ Settings                                smtp.example.org:465',
      '✗ Greeting                       3012 ms  Nothing came.',
      '    It expects TLS.',
      '    → Use TLS (security=tls)',
      '– Log-in                                  Not reached.',
      '',
      'Mail cannot leave this way.',
      'It expects TLS. Suggested: Use TLS.',
    ].join('\n'),
  )
})

test('success names what works and how much is worth a look', () => {
  const report = toReport(INPUT, [
    toCheck('greeting', { status: 'ok', evidence: '220' }, 1),
    toCheck('certificate', { status: 'warn', evidence: 'x', cause: 'It expires in 7 days.' }, 1),
    toCheck('encryption', { status: 'ok', evidence: 'x' }, 1),
  ])
  expect(formatReport(report)).toContain(
    'Mail can leave this way.\nsmtp.example.org:465 answers and encrypts. One thing is worth a look.',
  )
})

test('lines stay within a terminal, and colour is only added where it is wanted', () => {
  const long = `${'word '.repeat(60)}end`
  const report = toReport(INPUT, [toCheck('name', { status: 'fail', evidence: 'x', cause: long }, 1)])
  expect(
    Math.max(
      ...formatReport(report)
        .split('\n')
        .map((line) => line.length),
    ),
  ).toBeLessThanOrEqual(100)
  expect(formatReport(report)).not.toContain('\u001b[')
  expect(formatReport(report, { colour: true })).toContain('\u001b[31m✗\u001b[0m')
})

test('progress is the same lines, one by one', () => {
  const check = toCheck('name', { status: 'ok', evidence: 'found' }, 5)
  expect(formatProgress({ kind: 'started', id: 'name', title: 'Looking up smtp.example.org' })).toBe(
    '… Looking up smtp.example.org',
  )
  expect(formatReport(toReport(INPUT, [check]))).toContain(formatProgress({ kind: 'finished', check }))
})
