import type { LogTarget } from '../src/log.ts'

export interface Thrown extends LogTarget {
  /** What was logged as an error of this mail, once. */
  take(inbound: string): readonly string[]
  /** What nobody caught, or what was logged of no mail in particular, once: of those that were under way. */
  takeAstray(): readonly string[]
  end(): void
}

/** Listens to the log, and to what nobody catches: an error that was dealt with is one all the same. */
export function collectThrown(): Thrown {
  const byMail = new Map<string, string[]>()
  let astray: string[] = []
  const uncaught = (error: unknown) => {
    astray.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  process.on('uncaughtException', uncaught)
  process.on('unhandledRejection', uncaught)
  return {
    write(line) {
      const { inbound, err, msg } = JSON.parse(line) as { inbound?: string; err?: { stack?: string }; msg?: string }
      const told = err?.stack ?? msg ?? line
      if (inbound === undefined) astray.push(told)
      else byMail.set(inbound, [...(byMail.get(inbound) ?? []), told])
    },
    take(inbound) {
      const found = byMail.get(inbound) ?? []
      byMail.delete(inbound)
      return found
    },
    takeAstray() {
      const found = astray
      astray = []
      return found
    },
    end() {
      process.off('uncaughtException', uncaught)
      process.off('unhandledRejection', uncaught)
    },
  }
}
