import { createResolver } from '../dns/resolver.ts'
import { checkConnection } from '../insight/doctor/connection.ts'
import { formatProgress, formatSummary } from '../insight/doctor/format-report.ts'
import { machineClock } from '../lib/clock.ts'
import { Explained } from '../lib/explained.ts'
import { parseSmtpUrl } from '../lib/smtp-url.ts'
import { heloName, isInContainer } from '../surroundings.ts'

/** Prints each check as it ends. The address was written by the person at the keyboard, so it may be private. */
export async function doctor(url: string, options: { readonly from?: string; readonly to?: string }): Promise<void> {
  const parsed = parseSmtpUrl(url)
  if (!parsed.ok) throw new Explained(`This is not an address of a mail server: ${parsed.why}.`)
  const colour = process.stdout.isTTY === true
  const report = await checkConnection(
    { ...parsed.value, allow_private: true, from: options.from, to: options.to },
    { resolver: createResolver(), clock: machineClock, heloName: heloName(), inContainer: isInContainer() },
    (step) => {
      if (step.kind === 'finished') process.stdout.write(`${formatProgress(step, { colour })}\n`)
      else if (colour) process.stderr.write(`${formatProgress(step, { colour })}\n`)
    },
  )
  process.stdout.write(`\n${formatSummary(report, { colour })}\n`)
  if (!report.ok) process.exitCode = 1
}
