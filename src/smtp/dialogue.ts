import type { Address } from '../mail/address.ts'
import { AuthExchange, type AuthStep } from './auth-exchange.ts'
import { IncomingContent, tooLarge } from './incoming-content.ts'
import { after, type Client, type Policy, type Recipient, type Soon, type Visit } from './policy.ts'
import { type Command, readChunk, readCommand, readHello } from './protocol/command.ts'
import { type MailParameters, readMailParameters, readRecipientParameters } from './protocol/parameters.ts'
import { needsUtf8, readPath } from './protocol/path.ts'
import { formatLines, formatReply, isRefusal, type Reply, reply } from './protocol/reply.ts'

/** What the session does next. `say` is whole lines. */
export interface Turn {
  readonly say: string
  readonly next?: 'starttls' | 'data' | 'close' | { readonly chunk: number; readonly isLast: boolean }
}

export interface DialogueSettings {
  readonly policy: Policy
  /** What we call ourselves. */
  readonly hostname: string
  readonly address: string
  /** A certificate is there to offer STARTTLS with. */
  readonly offersTls: boolean
}

/** Enough for any person who types, few for a program that guesses. */
const ERRORS_MAX = 10
const FAILED_SIGN_INS_MAX = 3
const REFUSED_RECIPIENTS_MAX = 100
/** Commands without a mail between them: a connection is for sending mail. */
const IDLE_COMMANDS_MAX = 100

const SENDER_TAKEN: Turn = { say: formatReply(reply(250, '2.1.0', 'Sender taken.')) }
const RECIPIENT_TAKEN: Turn = { say: formatReply(reply(250, '2.1.5', 'Recipient taken.')) }
const GO_AHEAD: Turn = { say: formatReply(reply(354, null, 'End the mail with <CR><LF>.<CR><LF>.')), next: 'data' }

const ERRORS: readonly number[] = [500, 501, 502, 503, 504, 530, 538, 555]

/** What one connection says and is told, without its wire: order, limits and replies (RFC 5321). Everything about mail is asked of the policy. */
export class Dialogue {
  readonly #settings: DialogueSettings
  readonly #visit: Visit
  #client: Client
  #hasGreeted = false
  #mail: { sender: Address | null; parameters: MailParameters; recipients: Recipient[] } | null = null
  #content: IncomingContent | null = null
  #isChunked = false
  readonly #auth = new AuthExchange()
  #errors = 0
  #failedSignIns = 0
  #refusedRecipients = 0
  #idleCommands = 0

  constructor(settings: DialogueSettings) {
    this.#settings = settings
    this.#visit = settings.policy.visit()
    this.#client = { address: settings.address, hello: '', tls: null }
  }

  get isKnown(): boolean {
    return !this.#settings.policy.signsIn || this.#visit.isKnown
  }

  greeting(): string {
    return formatReply(reply(220, null, `${this.#settings.hostname} ESMTP Waybill`))
  }

  /** RFC 3207 §4.2: what was said before TLS counts for nothing after it. */
  secured(protocol: string): void {
    this.#reset()
    this.#hasGreeted = false
    this.#client = { ...this.#client, hello: '', tls: protocol }
  }

  command(line: string): Soon<Turn> {
    if (this.#auth.isAsking) return this.#prove(this.#auth.answer(line))
    const command = readCommand(line)
    if (!command) return this.#tell(reply(500, '5.5.2', 'A command may not contain control characters.'))
    return this.#obey(command)
  }

  /** A line that is none: of the wrong length, or with the wrong end. */
  badLine(why: string): Turn {
    return this.#tell(reply(500, '5.5.2', why))
  }

  write(bytes: Buffer): Promise<void> | undefined {
    return this.#content?.write(bytes)
  }

  get isHopeless(): boolean {
    return this.#content?.isHopeless === true
  }

  /** The end of DATA, or of the last chunk. */
  async finish(): Promise<Turn> {
    const content = this.#content
    this.#content = null
    const answer = (await content?.finish()) ?? reply(503, '5.5.1', 'There is no mail.')
    this.#reset()
    if (!isRefusal(answer)) this.#idleCommands = 0
    return this.#tell(answer)
  }

  /** The end of a chunk that is not the last. */
  finishChunk(size: number): Turn {
    const refusal = this.#content?.refusal
    return this.#tell(refusal ?? reply(250, '2.0.0', `${size} bytes taken.`))
  }

  /** The client is gone, or has to go. */
  end(): void {
    this.#reset()
  }

  #obey({ verb, rest }: Command): Soon<Turn> {
    switch (verb) {
      case 'MAIL':
        return this.#from(rest)
      case 'RCPT':
        return this.#to(rest)
      case 'DATA':
        return this.#data(rest)
      case 'BDAT':
        return this.#chunk(rest)
      case 'QUIT':
        return { say: formatReply(reply(221, '2.0.0', 'Goodbye.')), next: 'close' }
    }
    if (++this.#idleCommands > IDLE_COMMANDS_MAX) return this.#sendAway('421', 'Too many commands without a mail between them.')
    switch (verb) {
      case 'EHLO':
      case 'HELO':
        return this.#hello(verb, rest)
      case 'STARTTLS':
        return this.#startTls(rest)
      case 'AUTH':
        return this.#signIn(rest)
      case 'RSET':
        this.#reset()
        return this.#tell(reply(250, '2.0.0', 'Forgotten.'))
      case 'NOOP':
        return this.#tell(reply(250, '2.0.0', 'Still here.'))
      case 'VRFY':
        return this.#tell(reply(252, '2.1.5', 'Send a mail, and see.'))
      case 'HELP':
        return this.#tell(reply(214, '2.0.0', 'See docs/smtp.md of Waybill, or RFC 5321.'))
      case 'EXPN':
        return this.#tell(reply(502, '5.5.1', 'Lists are not expanded here.'))
      default:
        return this.#tell(reply(500, '5.5.2', 'I do not know this command.'))
    }
  }

  #hello(verb: string, rest: string): Turn {
    const name = readHello(rest)
    if (name === null) return this.#tell(reply(501, '5.5.4', `${verb} takes your name, such as ${verb} app.example.org.`))
    this.#reset()
    this.#hasGreeted = true
    this.#client = { ...this.#client, hello: name }
    const { hostname, policy, offersTls } = this.#settings
    if (verb === 'HELO') return { say: formatReply(reply(250, null, hostname)) }
    const lines = [
      `${hostname} greets ${name}`,
      `SIZE ${policy.maxBytes}`,
      '8BITMIME',
      'SMTPUTF8',
      'PIPELINING',
      'ENHANCEDSTATUSCODES',
      'CHUNKING',
      'DSN',
    ]
    if (offersTls && this.#client.tls === null) lines.push('STARTTLS')
    if (policy.signsIn && this.#client.tls !== null) lines.push('AUTH PLAIN LOGIN')
    return { say: formatLines(250, lines) }
  }

  #startTls(rest: string): Turn {
    if (rest !== '') return this.#tell(reply(501, '5.5.4', 'STARTTLS takes nothing after it.'))
    if (this.#client.tls !== null) return this.#tell(reply(503, '5.5.1', 'The connection is encrypted already.'))
    if (!this.#settings.offersTls) return this.#tell(reply(502, '5.5.1', 'STARTTLS is not offered here.'))
    return { say: formatReply(reply(220, '2.0.0', 'Go ahead.')), next: 'starttls' }
  }

  #signIn(rest: string): Soon<Turn> {
    if (!this.#settings.policy.signsIn) return this.#tell(reply(502, '5.5.1', 'Nobody signs in on this port.'))
    if (this.#client.tls === null)
      return this.#tell(reply(538, '5.7.11', 'Encrypt the connection first (STARTTLS), for a password is about to be sent.'))
    if (this.#visit.isKnown) return this.#tell(reply(503, '5.5.1', 'You are signed in already.'))
    if (!this.#hasGreeted || this.#mail) return this.#tell(reply(503, '5.5.1', 'AUTH comes after EHLO and before MAIL.'))
    return this.#prove(this.#auth.begin(rest))
  }

  #prove(step: AuthStep): Soon<Turn> {
    if (step.kind === 'ask') return { say: `334 ${step.challenge}\r\n` }
    if (step.kind === 'refused') return this.#tell(step.reply)
    const { username, password } = step.given
    return this.#visit.signIn(username, password, this.#client).then((answer) => {
      if (!isRefusal(answer) || ++this.#failedSignIns < FAILED_SIGN_INS_MAX) return this.#tell(answer)
      return { say: formatReply(answer) + formatReply(reply(421, '4.7.0', 'Too many failed tries.')), next: 'close' }
    })
  }

  #from(rest: string): Soon<Turn> {
    const { policy } = this.#settings
    if (!this.#hasGreeted) return this.#tell(reply(503, '5.5.1', 'Say EHLO first.'))
    if (this.#mail) return this.#tell(reply(503, '5.5.1', 'A mail has begun already; RSET forgets it.'))
    if (!this.isKnown) {
      return this.#tell(
        this.#client.tls === null
          ? reply(530, '5.7.0', 'Encrypt the connection (STARTTLS) and sign in (AUTH) before you send mail.')
          : reply(530, '5.7.0', 'Sign in (AUTH) before you send mail.'),
      )
    }
    const path = readPath(rest, 'FROM')
    if (!path.ok) return this.#tell(path.refusal)
    const parameters = readMailParameters(path.rest)
    if (!parameters.ok) return this.#tell(parameters.refusal)
    if ((parameters.value.size ?? 0) > policy.maxBytes) return this.#tell(tooLarge(policy.maxBytes))
    if (needsUtf8(path.address) && !parameters.value.utf8) return this.#tell(needsAnnouncement())
    return after(this.#visit.sender(path.address), (refusal) => {
      if (refusal) return this.#tell(refusal)
      this.#mail = { sender: path.address, parameters: parameters.value, recipients: [] }
      return SENDER_TAKEN
    })
  }

  #to(rest: string): Soon<Turn> {
    const mail = this.#mail
    if (!mail || this.#isChunked) return this.#tell(reply(503, '5.5.1', 'Recipients come after MAIL and before the content.'))
    const path = readPath(rest, 'TO')
    if (!path.ok) return this.#refuseRecipient(path.refusal)
    const parameters = readRecipientParameters(path.rest)
    if (!parameters.ok) return this.#tell(parameters.refusal)
    const { address } = path
    if (!address || (needsUtf8(address) && !mail.parameters.utf8)) return this.#refuseRecipient(needsAnnouncement())
    if (mail.recipients.length >= this.#settings.policy.maxRecipients)
      return this.#tell(
        reply(
          452,
          '4.5.3',
          `A mail may have ${this.#settings.policy.maxRecipients} recipients. Send the rest with the next one.`,
        ),
      )
    return after(this.#visit.recipient(address, mail.sender), (refusal) => {
      if (refusal) return this.#refuseRecipient(refusal)
      mail.recipients.push({ address, parameters: parameters.value })
      return RECIPIENT_TAKEN
    })
  }

  #refuseRecipient(refusal: Reply): Turn {
    if (++this.#refusedRecipients > REFUSED_RECIPIENTS_MAX) return this.#sendAway('421', 'Too many recipients were refused.')
    return this.#tell(refusal)
  }

  #data(rest: string): Soon<Turn> {
    if (rest !== '') return this.#tell(reply(501, '5.5.4', 'DATA takes nothing after it.'))
    if (this.#isChunked) return this.#tell(reply(503, '5.5.1', 'A mail that began with BDAT goes on with BDAT (RFC 3030).'))
    return after(this.#begin(), (refusal) => (refusal ? this.#tell(refusal) : GO_AHEAD))
  }

  /** The bytes of a chunk follow whatever is answered (RFC 3030 §2): they are read over when they are not wanted. */
  #chunk(rest: string): Soon<Turn> {
    const chunk = readChunk(rest)
    if (!chunk) return this.#sendAway('501', 'BDAT takes the number of bytes, and LAST at the end.')
    const turn: Turn = { say: '', next: { chunk: chunk.size, isLast: chunk.isLast } }
    if (this.#content) return turn
    return after(this.#begin(), (refusal) => {
      if (refusal) this.#content = new IncomingContent(refusal, this.#settings.policy.maxBytes)
      this.#isChunked = true
      return turn
    })
  }

  #begin(): Soon<Reply | null> {
    const mail = this.#mail
    if (!mail) return reply(503, '5.5.1', 'MAIL and RCPT come before the content.')
    if (mail.recipients.length === 0) return reply(554, '5.5.1', 'No recipient was taken, so there is nobody to send it to.')
    return after(this.#visit.receive({ client: this.#client, ...mail }), (taken) => {
      if (!('write' in taken)) {
        this.#reset()
        return taken
      }
      this.#content = new IncomingContent(taken, this.#settings.policy.maxBytes)
      return null
    })
  }

  #tell(answer: Reply): Turn {
    if (ERRORS.includes(answer.code) && ++this.#errors > ERRORS_MAX)
      return { say: formatReply(answer) + formatReply(reply(421, '4.7.0', 'Too many errors.')), next: 'close' }
    return { say: formatReply(answer) }
  }

  #sendAway(code: '421' | '501', why: string): Turn {
    const first = code === '501' ? formatReply(reply(501, '5.5.4', why)) : ''
    return {
      say: first + formatReply(reply(421, '4.7.0', code === '421' ? why : 'I cannot know where the next command begins.')),
      next: 'close',
    }
  }

  #reset(): void {
    this.#mail = null
    this.#content?.discard()
    this.#content = null
    this.#isChunked = false
    this.#auth.forget()
  }
}

function needsAnnouncement(): Reply {
  return reply(553, '5.6.7', 'An address outside ASCII needs SMTPUTF8 after the address of MAIL (RFC 6531).')
}
