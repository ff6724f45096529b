import { toZoneLine } from '../../../delivery/domains/records.ts'
import type { DomainCheck, DomainCheckStatus, DomainReport } from './report.ts'

const MARKS: Readonly<Record<DomainCheckStatus, string>> = { ok: '✓', warn: '!', fail: '✗', skip: '–', error: '?' }
const COLOURS: Readonly<Record<DomainCheckStatus, number>> = { ok: 32, warn: 33, fail: 31, skip: 90, error: 35 }
const INDENT = ' '.repeat(4)
const LINE_WIDTH = 100

/** The report for a terminal: one block a check, what to publish as a line of a zone file. */
export function formatDomainReport(report: DomainReport, { colour = false }: { readonly colour?: boolean } = {}): string {
  const blocks = report.checks.map((check) => formatCheck(check, colour))
  const verdict = painted(`${report.domain}: ${report.summary}`, report.ok ? COLOURS.ok : COLOURS.fail, colour)
  return `${blocks.join('\n')}\n\n${verdict}`
}

function formatCheck(check: DomainCheck, colour: boolean): string {
  const mark = painted(MARKS[check.status], COLOURS[check.status], colour)
  const needsMore = check.status === 'fail' || check.status === 'warn'
  return [
    `${mark} ${check.title}`,
    wrapped(check.evidence),
    ...check.found.map((text) => `${INDENT}  ${shortened(text)}`),
    ...(needsMore ? [wrapped(`Why: ${check.why} ${check.affected}`)] : []),
    ...(needsMore && check.record ? [`${INDENT}Publish: ${toZoneLine(check.record)}`] : []),
  ].join('\n')
}

function shortened(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}

function painted(text: string, colour: number, wanted: boolean): string {
  return wanted ? `\u001b[${colour}m${text}\u001b[0m` : text
}

function wrapped(text: string): string {
  const lines: string[] = []
  let line = INDENT
  for (const word of shownWords(text)) {
    if (line.length + word.length + 1 > LINE_WIDTH && line.trim() !== '') {
      lines.push(line)
      line = INDENT
    }
    line += line.trim() === '' ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}

function shownWords(text: string): string[] {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').split(' ')
}
