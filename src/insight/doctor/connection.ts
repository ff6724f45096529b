import type { TLSSocket } from 'node:tls'
import type { Capabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { formatAddress } from '../../mail/address.ts'
import { checkCertificate } from './certificate-check.ts'
import { checkImplicitTls, checkStartTls, withoutEncryption } from './encryption-check.ts'
import { checkRecipient, checkSender, trialOf } from './envelope-check.ts'
import { type DoctorDeps, Examination, type Place, type Progress } from './examination.ts'
import { checkGreeting } from './greeting-check.ts'
import { checkHello } from './hello-check.ts'
import { lint } from './lint.ts'
import { checkLogin } from './login-check.ts'
import { checkName } from './name-check.ts'
import { checkReach, exploreNeighbourhood, type Neighbourhood, type Reached } from './reach-check.ts'
import { type ConnectionInput, checksOf, type DoctorReport, toCheck, toReport } from './report.ts'
import { surveyEvidence } from './survey.ts'
import { endpoint, shown } from './text.ts'
import { Dialogue } from './wire.ts'

/**
 * Walks the way that a mail would take, from the settings to the recipient, and stops before any mail is given. Never rejects: whatever
 * happens is a check of the report. Takes at most `limits.total`, tries to log in at most once, and dials only the configured port and
 * the usual ones of the addresses it looked up itself.
 */
export async function checkConnection(
  input: ConnectionInput,
  deps: DoctorDeps,
  onProgress: (progress: Progress) => void = () => {},
): Promise<DoctorReport> {
  const exam = new Examination(input, deps, onProgress)
  try {
    await examine(exam)
  } finally {
    exam.end()
  }
  skipTheRest(exam)
  return toReport(input, exam.checks)
}

/** With these wrong there is nothing to dial or to say. */
const UNUSABLE = new Set(['settings.host', 'settings.port', 'settings.helo_name'])

async function examine(exam: Examination): Promise<void> {
  for (const check of lint(exam.input, exam.deps)) exam.record(check)
  if (exam.checks.some(({ id, status }) => status === 'fail' && UNUSABLE.has(id))) return

  const { host, port } = exam.input
  const addresses = await exam.check('name', `Looking up ${shown(host, 80)}`, () => checkName(exam))
  const first = addresses?.[0]
  if (!addresses || !first) return
  const near = exploreNeighbourhood(exam, first.address)
  const reached = await exam.check('connection', `Connecting to ${endpoint(shown(host, 80), port)}`, () =>
    checkReach(exam, addresses, near),
  )
  if (reached) await converse(exam, reached, near)
  const survey = await near.survey
  exam.record(toCheck('ports', { status: 'ok', evidence: surveyEvidence(survey) }, survey.ms))
}

/** The dialogue, as far as it goes. */
async function converse(exam: Examination, reached: Reached, near: Neighbourhood): Promise<void> {
  const place: Place = { address: reached.address, port: exam.input.port }
  const ready = await (exam.input.security === 'tls'
    ? openInTls(exam, place, reached, near)
    : openInPlain(exam, place, reached, near))
  if (!ready) return
  const { dialogue, offered } = ready
  const loggedIn = await exam.check('login', 'Logging in, once', () => checkLogin(exam, place, dialogue, offered, near))
  if (loggedIn) await tryEnvelope(exam, place, ready)
  await dialogue.leave(exam.limits.quit)
}

interface Ready {
  readonly dialogue: Dialogue
  readonly offered: Capabilities
}

async function openInTls(exam: Examination, place: Place, reached: Reached, near: Neighbourhood): Promise<Ready | null> {
  const socket = await exam.check('encryption', 'Agreeing on encryption', () =>
    checkImplicitTls(exam, place, reached.socket, near),
  )
  if (!socket || !(await isTrusted(exam, place, socket))) return null
  const dialogue = new Dialogue(socket)
  const greeted = await exam.check('greeting', 'Waiting for the greeting', () =>
    checkGreeting(exam, place, dialogue, performance.now(), near),
  )
  if (!greeted) return null
  const offered = await exam.check('capabilities', 'Asking what the server offers', () => checkHello(exam, place, dialogue))
  return offered && { dialogue, offered }
}

async function openInPlain(exam: Examination, place: Place, reached: Reached, near: Neighbourhood): Promise<Ready | null> {
  const dialogue = reached.dialogue ?? new Dialogue(reached.socket)
  const greeted = await exam.check('greeting', 'Waiting for the greeting', () =>
    checkGreeting(exam, place, dialogue, reached.connectedAtMs, near),
  )
  if (!greeted) return null
  const plain = exam.input.security === 'none'
  const first = await exam.check('capabilities', 'Asking what the server offers', () => checkHello(exam, place, dialogue))
  if (!first) return null
  if (plain) {
    exam.record(toCheck('encryption', withoutEncryption(place, first), 0))
    return { dialogue, offered: first }
  }
  const socket = await exam.check('encryption', 'Agreeing on encryption', () => checkStartTls(exam, place, dialogue, first, near))
  if (!socket || !(await isTrusted(exam, place, socket))) return null
  // RFC 3207 §4.2: all that was known before is forgotten, and asked anew.
  const secured = new Dialogue(socket)
  const offered = await exam.check('capabilities_encrypted', 'Asking again what the server offers', () =>
    checkHello(exam, place, secured),
  )
  return offered && { dialogue: secured, offered }
}

async function isTrusted(exam: Examination, place: Place, socket: TLSSocket): Promise<boolean> {
  return (await exam.check('certificate', 'Looking at the certificate', () => checkCertificate(exam, place, socket))) === true
}

async function tryEnvelope(exam: Examination, place: Place, ready: Ready): Promise<void> {
  const trial = trialOf(exam.input)
  if (!trial) {
    for (const name of ['sender', 'recipient'] as const) exam.skip(name, 'Give a sender address to try this too.')
    return
  }
  const [from, to] = [formatAddress(trial.sender), formatAddress(trial.recipient)].map((address) => shown(address, 80))
  const accepted = await exam.check('sender', `Offering mail from ${from}`, () => checkSender(exam, place, ready, trial))
  if (accepted)
    await exam.check('recipient', `Offering mail to ${to}, without sending any`, () =>
      checkRecipient(exam, place, ready.dialogue, trial),
    )
}

/** Every report has every check, so that one sees what remains to be seen. */
function skipTheRest(exam: Examination): void {
  for (const name of checksOf(exam.input.security)) {
    const made = exam.checks.some(({ id }) => id === name || id.startsWith(`${name}.`))
    if (!made) exam.skip(name, 'Not reached.')
  }
}
