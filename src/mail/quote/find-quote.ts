import { attributionEndingAt } from './attribution.ts'
import { FORWARDED, isHeaderBlock, isOriginalLine, isRuleAboveHeaders } from './header-block.ts'
import { bare, isBlank, type Line } from './line.ts'

/** Lines `from` to `to` (not included) are somebody else's words, which the reader has seen before. */
export interface Quote {
  readonly from: number
  readonly to: number
}

export interface QuoteContext {
  /** The mail says that it answers one, so that headers of a mail within it are those of the mail that is answered. */
  readonly isReply: boolean
  /** The mail passes another one on, which was sent to be read. */
  readonly isForward: boolean
}

/** Beyond this a mail is no letter, and is shown as it is. */
const LINES_MAX = 20_000

/**
 * What of a mail may be folded away; null for nothing. In doubt nothing is: who answers point by point has quoted on purpose, what is forwarded
 * was sent to be read, and a mail without a word of its own is its quote.
 */
export function findQuote(lines: readonly Line[], context: QuoteContext): Quote | null {
  const scanned = Math.min(lines.length, LINES_MAX)
  for (let at = 0; at < scanned; at += 1) {
    const line = lines[at] as Line
    if (isForwardLine(line)) return null
    if (line.quoted && line.marked !== 'rest') return ofQuotedLine(lines, at, context)
    if (isReplyAbove(line)) return below(lines, at)
    if (!context.isForward && beginsRest(lines, at, context)) return below(lines, at)
    const attribution = attributionEndingAt(lines, at)
    if (!attribution) continue
    if (lines[nextWords(lines, attribution.to)]?.quoted) return whole(lines, attribution.from, attribution.to)
    if (attribution.isSure) return below(lines, attribution.from)
  }
  return null
}

function beginsRest(lines: readonly Line[], at: number, { isReply }: QuoteContext): boolean {
  if (lines[at]?.marked === 'rest' || isOriginalLine(lines, at)) return true
  if (isReply) return isRuleAboveHeaders(lines, at) || isHeaderBlock(lines, at)
  // A mail that does not say that it is an answer may be one still, unless it introduces what it shows: "I got this:".
  return isHeaderBlock(lines, at, 4) && !isIntroduced(lines, at)
}

function isIntroduced(lines: readonly Line[], at: number): boolean {
  const above = lines.slice(Math.max(0, at - 4), at).findLast((line) => !isBlank(line))
  return above !== undefined && /[:\uff1a]\s*$/.test(above.text)
}

/** The first quoted line, which no attribution stood above. */
function ofQuotedLine(lines: readonly Line[], at: number, context: QuoteContext): Quote | null {
  const attribution = attributionEndingAt(lines, at)
  if (attribution) return whole(lines, attribution.from, attribution.to)
  return lines[at]?.marked === 'quote' || attributesItself(lines, at) ? whole(lines, at, at) : unattributed(lines, at, context)
}

/** Some programs quote the attribution with what it introduces. */
function attributesItself(lines: readonly Line[], at: number): boolean {
  const first = lines.slice(at, at + 4).map((line) => ({ ...line, quoted: false }))
  return first.some((_, index) => attributionEndingAt(first, index)?.isSure)
}

/** Everything from here on, and the empty lines and rules above it. */
function below(lines: readonly Line[], at: number): Quote | null {
  const from = start(lines, at)
  return hasWords(lines, 0, from) ? { from, to: lines.length } : null
}

/**
 * A quote under its attribution: as long as the lines are quoted. What stands below is the sender's own again, as with those who answer below;
 * where more quoted lines follow, it is a point by point answer, and all of it is shown.
 */
function whole(lines: readonly Line[], attributedFrom: number, attributedTo: number): Quote | null {
  const from = start(lines, attributedFrom)
  const to = endOfQuoted(lines, attributedTo)
  if (lines.slice(to).some((line) => line.quoted && !isBlank(line))) return null
  return hasWords(lines, 0, from) || hasWords(lines, to, lines.length) ? { from, to } : null
}

/** Quoted lines that nothing introduces are folded at the end of an answer only. */
function unattributed(lines: readonly Line[], at: number, { isReply }: QuoteContext): Quote | null {
  const from = start(lines, at)
  const isEnd = !hasWords(lines, endOfQuoted(lines, at), lines.length)
  return isReply && isEnd && hasWords(lines, 0, from) ? { from, to: lines.length } : null
}

function start(lines: readonly Line[], at: number): number {
  let from = at
  while (from > 0 && (isBlank(lines[from - 1] as Line) || isRule(lines[from - 1] as Line))) from -= 1
  return from
}

function isRule({ text, quoted }: Line): boolean {
  return !quoted && /^\s*[-_=*\u2500]{4,}\s*$/.test(text)
}

function endOfQuoted(lines: readonly Line[], at: number): number {
  let end = at
  for (let i = at; i < lines.length; i += 1) {
    const line = lines[i] as Line
    if (line.quoted) end = i + 1
    else if (!isBlank(line) && !isBrokenOff(lines, i)) break
  }
  return end
}

/** The end of a long quoted line that a program broke without marking the rest. */
function isBrokenOff(lines: readonly Line[], at: number): boolean {
  const before = lines[at - 1]
  return before?.quoted === true && before.text.length >= 60 && lines[at + 1]?.quoted === true
}

function nextWords(lines: readonly Line[], at: number): number {
  let next = at
  while (lines[next] && !lines[next]?.quoted && isBlank(lines[next] as Line)) next += 1
  return next
}

function hasWords(lines: readonly Line[], from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (!isBlank(lines[i] as Line) && !isRule(lines[i] as Line)) return true
  return false
}

/** "---------- Forwarded message ----------", "Begin forwarded message:": the same words in its dashes or with its colon in any language. */
function isForwardLine(line: Line): boolean {
  if (!/^\s*[-_=*]{2}|[:\uff1a]\s*$/.test(line.text)) return false
  const text = bare(line)
  return (
    text.length < 100 &&
    FORWARDED.test(text) &&
    /^[-_=*]{2,}.*[-_=*]{2,}$|^(?:begin|anfang|début|inicio|início|inizio|начало)\b.*[:\uff1a]$/i.test(text)
  )
}

/** The line that helpdesks ask one to write above, theirs or ours: "reply above this line", whatever follows. */
const ABOVE =
  /(?:above this line|oberhalb dieser (?:zeile|linie)|über dieser (?:zeile|linie)|au-dessus de cette ligne|(?:por )?encima de esta línea|arriba de esta línea|sopra (?:a )?questa (?:riga|linea)|acima desta linha|ovanför (?:den här|denna) (?:raden|linjen)|over denne linjen?|boven deze (?:regel|lijn)|powyżej tej linii|nad tímto řádkem|выше этой (?:линии|строки|черты))(?!\p{L})/iu
const ASKED =
  /^(?:[-#=_*~\u2013\u2014\u2500> ]{0,40})(?:please|bitte|merci|veuillez|por favor|gelieve|write|type|reply|répon|responda|escrib|antworte|rispond|scriv|svara|skriv|svar|antwoord|odpowied|odpovězte|пожалуйста|ответ|напишите)/iu

function isReplyAbove(line: Line): boolean {
  if (line.text.length < 15 || line.text.length > 400 || !ABOVE.test(line.text)) return false
  return ASKED.test(bare(line))
}
