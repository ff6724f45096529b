import type { Judgement } from './finding.ts'

/**
 * What the large receivers demand since 2024: below 0.1 %, never 0.3 %; whoever reaches that gets no help until seven days below. Amazon looks at
 * 0.1 % and stops at 0.5 %.
 */
const COMPLAINT_LIMITS = { warning: 0.001, bad: 0.003 } as const
/** Fewer complaints than this are single people, not a share. */
const MIN_COMPLAINTS = 3
const MIN_SENT = 100

export interface ComplaintFacts {
  readonly receiver: string
  readonly days: number
  readonly sent: number
  readonly complained: number
}

export function judgeComplaints({ receiver, days, sent, complained }: ComplaintFacts): Judgement {
  const share = sent > 0 ? complained / sent : 0
  const evidence = { sent, complained, share, days }
  const told = `${complained} of ${sent} messages to ${receiver} were reported as spam in ${days} days (${(share * 100).toFixed(2)} %)`
  if (sent < MIN_SENT)
    return { state: 'unknown', sentence: `Too little mail went to ${receiver} in ${days} days to tell.`, hint: '', evidence }
  if (complained < MIN_COMPLAINTS || share < COMPLAINT_LIMITS.warning) {
    const hint = receiver === 'google' ? 'Gmail tells complaints to nobody one by one; its Postmaster Tools show the share.' : ''
    return { state: 'good', sentence: `${told}.`, hint, evidence }
  }
  const hint =
    'Look at which stream and tag they are about. Bulk mail needs people who asked for it and an unsubscribe that works at the first press; those who do not open for months are better not written to.'
  return share >= COMPLAINT_LIMITS.bad
    ? { state: 'bad', sentence: `${told}; from 0.3 % on receivers refuse.`, hint, evidence }
    : { state: 'warning', sentence: `${told}; receivers want less than 0.1 %.`, hint, evidence }
}
