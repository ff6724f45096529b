import pino from 'pino'
import type { LogLevel } from './config.ts'
import { maskLine } from './lib/mask.ts'

export type Log = pino.Logger

/** Where lines go: a file descriptor of ours, or whatever a test collects them in. */
export interface LogTarget {
  write(line: string): void
  readonly isTTY?: boolean
  hasColors?(): boolean
}

/** Keys whose values are secrets whatever they look like, at the two depths where we log objects. */
const SECRET_KEYS = ['password', 'secret', 'token', 'apiKey', 'api_key', 'authorization', 'cookie', 'set-cookie', 'credentials']
const SECRET_PATHS = SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`])

/**
 * The log: one JSON object a line, or a short line for people where a terminal reads it. It goes to the error stream, so that what a
 * command prints can be piped. Secrets are removed always; addresses are shortened to a***@example.org from `info` up, since those
 * lines are kept and shipped, while `debug` and `trace` are switched on to look for one person's mail.
 */
export function createLog({ level, target = process.stderr }: { level: LogLevel; target?: LogTarget }): Log {
  const human = target.isTTY === true
  const colours = human && target.hasColors?.() === true
  const destination = {
    write: (line: string) => {
      const masked = maskLine(line, levelOf(line) >= pino.levels.values.info!)
      target.write(human ? forPeople(masked, colours) : masked)
    },
  }
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_PATHS, censor: '(hidden)' },
      serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err },
    },
    destination,
  )
}

/** pino writes the level first. */
function levelOf(line: string): number {
  return Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 100)
}

interface Entry extends Record<string, unknown> {
  readonly level: number
  readonly time: string
  readonly msg?: string
  readonly err?: { readonly stack?: string; readonly message?: string }
}

const COLOURS: Readonly<Record<string, string>> = {
  warn: '\x1b[33m',
  error: '\x1b[31m',
  fatal: '\x1b[31m',
  debug: '\x1b[2m',
  trace: '\x1b[2m',
}

/** `12:03:10 warn  the message  route=relay failures=2`, and a stack below it where there is one. */
function forPeople(line: string, colours: boolean): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Entry
  const name = pino.levels.labels[level] ?? String(level)
  const details = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const clock = new Date(time).toTimeString().slice(0, 8)
  const text = [`${clock} ${name.padEnd(5)} ${msg ?? ''}`, ...details].join('  ').trimEnd()
  const stack = err ? `\n${err.stack ?? err.message ?? ''}` : ''
  const colour = colours ? (COLOURS[name] ?? '') : ''
  return `${colour}${text}${stack}${colour ? '\x1b[0m' : ''}\n`
}
