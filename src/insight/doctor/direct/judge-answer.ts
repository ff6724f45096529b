import { classify } from '../../../mail/failure.ts'
import { causeOf } from '../examination.ts'
import { quote } from '../greeting-check.ts'
import type { Finding } from '../report.ts'
import { endpoint, shown } from '../text.ts'
import type { Answer } from './knock.ts'

/** What firewalls do to a port that they close: nothing, a refusal in the server's name, or a word that there is no way. */
const CLOSED = new Set(['TIMEOUT', 'ETIMEDOUT', 'ECONNREFUSED', 'EHOSTUNREACH', 'EACCES', 'EPERM'])

/** The domain has no mail server, or takes no mail: its own matter. */
const NOWHERE = new Set(['NXDOMAIN', 'ENODATA', 'NULL_MX'])

/**
 * What the answer of one receiver says about our own way out, seen beside the others: silence of one alone is that one's, silence of
 * all is a closed port.
 */
export function judgeAnswer(answer: Answer, all: readonly Answer[], port: number): Finding {
  if (answer.kind === 'talks') return judgeTalk(answer, port)
  const { ending } = answer
  const failure = classify({ mode: 'mx', host: answer.host, address: answer.address, port, recipient: null, ...ending })
  const evidence =
    ending.kind === 'reply' ? `${placeOf(answer, port)}: ${quote(ending.reply)}` : shown(`${answer.host}: ${ending.message}`)
  if (ending.kind === 'lost' && ending.stage === 'dns' && NOWHERE.has(ending.code))
    return {
      status: 'skip',
      evidence: `${evidence.replace(/\.$/, '')}. There is no server to knock at, which says nothing about the way out.`,
    }
  if (ending.kind === 'reply') return { status: failure.permanent ? 'fail' : 'warn', evidence, cause: causeOf(failure) }
  const reached = all.filter(isReached)
  if (reached.length > 0 && !isReached(answer)) {
    const others = reached.map(({ domain }) => domain).join(' and ')
    return {
      status: 'warn',
      evidence,
      cause: `${answer.domain} cannot be reached, while ${others} can: port ${port} is open here, and the trouble is there or on the way. Mail for it waits and is tried again by itself.`,
    }
  }
  if (ending.stage === 'tcp' && ending.kind === 'lost' && CLOSED.has(ending.code))
    return { status: 'fail', evidence, cause: closedPort(answer.domain, ending.code, port) }
  return { status: 'fail', evidence, cause: causeOf(failure) }
}

function judgeTalk(answer: Extract<Answer, { kind: 'talks' }>, port: number): Finding {
  const evidence = `${placeOf(answer, port)}: ${quote(answer.greeting)}; ${answer.offersTls ? 'offers' : 'does not offer'} STARTTLS.`
  if (answer.offersTls) return { status: 'ok', evidence }
  return {
    status: 'warn',
    evidence,
    cause: `${answer.host} offers no encryption, so mail to ${answer.domain} goes in clear text. Usually that is the server's own choice; where no receiver offers any, a firewall between here and the outside takes the offer away ("SMTP inspection"), and should be told not to.`,
  }
}

function closedPort(domain: string, code: string, port: number): string {
  const seen =
    code === 'ECONNREFUSED'
      ? `Connections to port ${port} of the mail servers of ${domain} are refused, which such servers seldom do themselves: a firewall on the way answers in their place.`
      : `No mail server of ${domain} answers on port ${port}: something on the way out drops our packets.`
  if (port !== 25)
    return `${seen} Look at the port in the settings of this route, and at the firewalls of this machine and its network.`
  return `${seen} Hosting providers often block port 25: ask yours to open it for this machine, and look at its own firewall. Until then mail through this route waits; a relay takes it on port 587.`
}

/** A server was there, whatever it said then. */
function isReached(answer: Answer): boolean {
  return answer.kind === 'talks' || (answer.ending.stage !== 'dns' && answer.ending.stage !== 'tcp')
}

function placeOf({ host, address }: Answer, port: number): string {
  return address === null || address === host ? endpoint(host, port) : `${host} (${endpoint(address, port)})`
}
