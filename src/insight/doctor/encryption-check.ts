import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Capabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { isPrivateAddress } from '../../net/private-address.ts'
import { type Examination, type Found, failureOf, findingOf, type Place } from './examination.ts'
import { quote } from './greeting-check.ts'
import { labelOf, SECURITY_NAMES } from './lint.ts'
import type { Neighbourhood } from './reach-check.ts'
import type { Finding, Fix } from './report.ts'
import { greetsInPlain } from './survey.ts'
import { endpoint } from './text.ts'
import { tlsTarget } from './tls-target.ts'
import { type Dialogue, type Lost, secure } from './wire.ts'

/** TLS from the first byte. When it fails, the same port is asked in plain text: most often the mode is wrong. */
export async function checkImplicitTls(
  exam: Examination,
  place: Place,
  socket: Socket,
  near: Neighbourhood,
): Promise<Found<TLSSocket>> {
  const secured = await secure(socket, tlsTarget(exam), exam.limits.tls)
  if (secured.kind === 'open') return { finding: { status: 'ok', evidence: protocolOf(secured.socket) }, value: secured.socket }
  const plain = place.address === null ? null : await greetsInPlain(exam, place.address, place.port)
  return {
    finding: plain ? plainExpected(place, plain, secured) : await handshakeFailed(exam, place, secured, near),
    value: null,
  }
}

function plainExpected({ address, port }: Place, offered: Capabilities, loss: Lost): Finding {
  const place = endpoint(address ?? '', port)
  const evidence = `TLS failed (${loss.message}); in plain text the server greets${offered.starttls ? ' and offers STARTTLS' : ''}.`
  if (offered.starttls) {
    const cause = `${place} begins in plain text, and the settings begin with TLS. Change security to STARTTLS.`
    return { status: 'fail', evidence, cause, fixes: [{ label: 'Use STARTTLS', patch: { security: 'starttls' } }] }
  }
  const fixes = unencrypted(address)
  return { status: 'fail', evidence, cause: `${place} speaks plain text only: it offers no encryption at all.`, fixes }
}

/** Plain text is suggested on one's own network only. */
function unencrypted(address: string | null): Fix[] {
  return address !== null && isPrivateAddress(address)
    ? [{ label: `Use ${SECURITY_NAMES.none}`, patch: { security: 'none' } }]
    : []
}

/** The step from plain text to TLS (RFC 3207). */
export async function checkStartTls(
  exam: Examination,
  place: Place,
  dialogue: Dialogue,
  offered: Capabilities,
  near: Neighbourhood,
): Promise<Found<TLSSocket>> {
  if (!offered.starttls) {
    const message = 'the server does not offer STARTTLS, and the settings require encryption'
    const failure = failureOf(exam, place, { stage: 'starttls', kind: 'unable', lack: 'starttls', message })
    const fixes = [...(await near.alternatives()), ...unencrypted(place.address)]
    return { finding: findingOf(failure, { evidence: 'STARTTLS is not among the capabilities.', fixes }), value: null }
  }
  const heard = await dialogue.ask('STARTTLS', exam.limits.reply)
  if (heard.kind === 'lost' || heard.reply.code !== 220 || dialogue.pending) {
    const injected = {
      kind: 'lost',
      code: 'PROTOCOL',
      message: 'the server sent data between STARTTLS and the handshake',
      bodySent: false,
    } as const
    const said = heard.kind === 'lost' ? { ...heard, bodySent: false } : heard.reply.code === 220 ? injected : heard
    const evidence = `STARTTLS: ${said.kind === 'reply' ? quote(said.reply) : said.message}`
    return {
      finding: findingOf(failureOf(exam, place, { stage: 'starttls', ...said }), { evidence, fixes: await near.alternatives() }),
      value: null,
    }
  }
  const secured = await secure(dialogue.socket, tlsTarget(exam), exam.limits.tls)
  if (secured.kind === 'lost') return { finding: await handshakeFailed(exam, place, secured, near), value: null }
  return { finding: { status: 'ok', evidence: protocolOf(secured.socket) }, value: secured.socket }
}

async function handshakeFailed(exam: Examination, place: Place, loss: Lost, near: Neighbourhood): Promise<Finding> {
  const old = await oldVersion(exam, place)
  const failure = failureOf(exam, place, { stage: 'tls', ...loss, bodySent: false })
  const fixes = (await near.alternatives()).filter(({ patch }) => patch.security !== 'none')
  const finding = findingOf(failure, { evidence: loss.message, fixes })
  if (!old) return finding
  return {
    ...finding,
    evidence: `The server speaks ${old} only.`,
    cause: `${endpoint(place.address ?? '', place.port)} speaks ${old} only, which is broken and disabled. Its administrator has to renew it.`,
  }
}

/** What a server speaks that refused TLS 1.2 and newer, asked on a connection of its own. Only where TLS begins at once. */
async function oldVersion(exam: Examination, { address, port }: Place): Promise<string | null> {
  if (exam.input.security !== 'tls' || address === null) return null
  const dialled = await exam.dialler.dial(address, port, exam.limits.tcp)
  if (dialled.kind === 'lost') return null
  const secured = await secure(dialled.socket, { ...tlsTarget(exam), anyVersion: true }, exam.limits.silence)
  if (secured.kind === 'lost') return null
  const version = secured.socket.getProtocol()
  secured.socket.destroy()
  return version === 'TLSv1' ? 'TLS 1.0' : version === 'TLSv1.1' ? 'TLS 1.1' : null
}

function protocolOf(socket: TLSSocket): string {
  return `${socket.getProtocol() ?? 'TLS'}, ${socket.getCipher().name}`
}

/** What is said when the settings want no encryption. */
export function withoutEncryption(place: Place, offered: Capabilities): Finding {
  const evidence = `Security is set to none; the server ${offered.starttls ? 'offers' : 'does not offer'} STARTTLS.`
  if (offered.starttls) {
    const patch = { security: 'starttls' } as const
    return {
      status: 'warn',
      evidence,
      cause: 'Everybody on the way can read the mail, though the server could encrypt.',
      fixes: [{ label: labelOf(patch), patch }],
    }
  }
  const own = place.address !== null && isPrivateAddress(place.address)
  return own ? { status: 'ok', evidence } : { status: 'warn', evidence, cause: 'Everybody on the way can read the mail.' }
}
