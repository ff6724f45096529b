import type { Progress } from './examination.ts'
import type { Check, CheckStatus, ConnectionPatch, DoctorReport } from './report.ts'

const MARKS: Readonly<Record<CheckStatus, string>> = { ok: '✓', warn: '!', fail: '✗', skip: '–' }
const COLOURS: Readonly<Record<CheckStatus, number>> = { ok: 32, warn: 33, fail: 31, skip: 90 }
const TITLE_WIDTH = 29
const LINE_WIDTH = 100
const INDENT = ' '.repeat(4)

export interface TextOptions {
  /** For terminals. Marks and words say everything without it. */
  readonly colour?: boolean
}

/** What all checks come to: the last lines of the checklist on the command line. */
export function formatSummary({ ok, summary }: DoctorReport, { colour = false }: TextOptions = {}): string {
  const verdict = ok ? 'Mail can leave this way.' : 'Mail cannot leave this way.'
  return `${painted(verdict, ok ? COLOURS.ok : COLOURS.fail, colour)}\n${wrapped(summary, '')}`
}

/** One check: mark, title, time, what was seen; below it what that means and what can be done. */
function formatCheck(check: Check, { colour = false }: TextOptions = {}): string {
  const mark = painted(MARKS[check.status], COLOURS[check.status], colour)
  const time = check.status === 'skip' || check.ms === 0 ? '' : `${check.ms} ms`
  const head = `${mark} ${check.title.padEnd(TITLE_WIDTH)} ${time.padStart(8)}  ${check.evidence}`.trimEnd()
  const cause = check.cause === null ? [] : [wrapped(check.cause, INDENT)]
  const fixes = check.fixes.map(({ label, patch }) => `${INDENT}→ ${label} (${settingsOf(patch)})`)
  return [head, ...cause, ...fixes].join('\n')
}

/** A line for what begins, or for what has ended: printed as it comes, the lines together are the report. */
export function formatProgress(progress: Progress, options: TextOptions = {}): string {
  return progress.kind === 'started' ? `… ${progress.title}` : formatCheck(progress.check, options)
}

function settingsOf(patch: ConnectionPatch): string {
  return Object.entries(patch)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function painted(text: string, colour: number, wanted: boolean): string {
  return wanted ? `\u001b[${colour}m${text}\u001b[0m` : text
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > LINE_WIDTH && line.trim() !== '') {
      lines.push(line)
      line = indent
    }
    line += line.trim() === '' ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}
