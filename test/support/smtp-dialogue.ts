import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { Input } from './smtp-input.ts'
import { type Act, type ActStory, ALL_EXTENSIONS, type Moment, type TlsScript } from './smtp-script.ts'
import type { ConnectionLog, ScriptedSmtpServer } from './smtp-server.ts'
import { good } from './tls.ts'

/** One connection, from banner to end. */
export class Dialogue {
  readonly #server: ScriptedSmtpServer
  readonly #log: ConnectionLog
  readonly #number: number
  readonly #input = new Input()
  #stream: Duplex
  #sender: { address: string; parameters: string[] } | null = null
  #recipients: string[] = []
  #messages = 0
  #chunks = ''
  #isKnown = false
  #over = false

  constructor(socket: Socket, log: ConnectionLog, server: ScriptedSmtpServer, number: number) {
    this.#server = server
    this.#log = log
    this.#number = number
    this.#stream = socket
  }

  async run(): Promise<void> {
    const { tls, connections } = this.#server.script
    this.#input.attach(this.#stream)
    if (tls?.mode === 'implicit' && !(await this.#encrypt())) return
    const isOneTooMany = connections !== undefined && this.#server.open > connections
    await this.#act(
      'CONNECT',
      isOneTooMany ? { reply: '421 4.7.0 too many connections', afterwards: 'close' } : '220 scripted ESMTP',
    )
    while (!this.#over) {
      const line = await this.#input.line()
      if (line === null) break
      this.#log.commands.push(line)
      await this.#command(line)
      this.#server.noted()
    }
    this.#stream.destroy()
  }

  async #command(line: string): Promise<unknown> {
    const verb = line.split(' ', 1)[0]?.toUpperCase() ?? ''
    switch (verb) {
      case 'EHLO':
        return this.#act('EHLO', this.#greeting())
      case 'HELO':
        return this.#act('HELO', '250 scripted')
      case 'STARTTLS':
        return this.#startTls()
      case 'AUTH':
        return this.#logIn(line)
      case 'MAIL':
        return this.#mail(line)
      case 'RCPT':
        return this.#recipient(line)
      case 'DATA':
        return this.#data()
      case 'BDAT':
        return this.#chunk(line)
      case 'RSET':
        this.#forget()
        return this.#act('RSET', '250 2.0.0 reset')
      case 'NOOP':
        return this.#act('NOOP', '250 2.0.0 still here')
      case 'QUIT':
        return this.#act('QUIT', { reply: '221 2.0.0 bye', afterwards: 'close' })
      default:
        return this.#say('500 5.5.2 unknown command')
    }
  }

  #greeting(): string {
    const { extensions = ALL_EXTENSIONS, tls, auth } = this.#server.script
    const offered = [...extensions]
    if (tls?.mode === 'starttls' && this.#log.tls === null) offered.push('STARTTLS')
    if (auth) offered.push(`AUTH ${auth.mechanisms.join(' ')}`)
    return ['scripted greets you', ...offered]
      .map((text, index, all) => `250${index === all.length - 1 ? ' ' : '-'}${text}`)
      .join('\n')
  }

  async #startTls(): Promise<void> {
    const reply = await this.#act('STARTTLS', '220 2.0.0 go ahead')
    if (reply.startsWith('220')) await this.#encrypt()
  }

  async #encrypt(): Promise<boolean> {
    const tls = this.#server.script.tls
    if (tls === undefined) return false
    const raw = this.#stream
    if (tls.hang) {
      await this.#input.end()
      return false
    }
    this.#input.detach(raw)
    const secured = new TLSSocket(raw as Socket, {
      isServer: true,
      secureContext: contextOf(tls),
      SNICallback: (name, done) => this.#noteName(name, done),
    })
    secured.on('error', () => secured.destroy())
    const isSecure = await new Promise<boolean>((resolve) => {
      secured.once('secure', () => resolve(true))
      secured.once('close', () => resolve(false))
    })
    if (!isSecure) return false
    this.#log.tls = secured.getProtocol()
    this.#log.resumed = secured.isSessionReused()
    this.#stream = secured
    this.#forget()
    this.#input.attach(secured)
    return true
  }

  #noteName(name: string, done: (error: Error | null) => void): void {
    this.#log.servername = name
    done(null)
  }

  async #logIn(line: string): Promise<unknown> {
    const auth = this.#server.script.auth
    const [, mechanism = '', initial] = line.split(' ')
    if (!auth?.mechanisms.includes(mechanism)) return this.#act('AUTH', '504 5.5.4 no such mechanism')
    const scripted = this.#server.actAt('AUTH')
    if (scripted !== null) return this.#perform(scripted)
    const given = mechanism === 'LOGIN' ? await this.#askForLogin() : Buffer.from(initial ?? '', 'base64').toString('utf8')
    const wanted =
      mechanism === 'XOAUTH2'
        ? `user=${auth.user}\x01auth=Bearer ${auth.password}\x01\x01`
        : mechanism === 'LOGIN'
          ? `${auth.user}\n${auth.password}`
          : `\0${auth.user}\0${auth.password}`
    this.#isKnown = given === wanted
    if (this.#isKnown) return this.#say('235 2.7.0 welcome')
    if (mechanism === 'XOAUTH2') {
      await this.#say(`334 ${Buffer.from('{"status":"401"}').toString('base64')}`)
      this.#log.commands.push((await this.#input.line()) ?? '')
    }
    return this.#act('PASSWORD', '535 5.7.8 authentication failed')
  }

  async #askForLogin(): Promise<string> {
    const answers: string[] = []
    for (const question of ['Username:', 'Password:']) {
      await this.#say(`334 ${Buffer.from(question).toString('base64')}`)
      answers.push(Buffer.from((await this.#input.line()) ?? '', 'base64').toString('utf8'))
    }
    return answers.join('\n')
  }

  async #mail(line: string): Promise<unknown> {
    const { messagesPerConnection = Number.POSITIVE_INFINITY } = this.#server.script
    if (this.#messages >= messagesPerConnection) {
      return this.#perform({ reply: '421 4.7.0 too many messages on this connection', afterwards: 'close' })
    }
    if (this.#server.script.auth && !this.#isKnown) return this.#say('530 5.7.0 authentication required')
    if (this.#sender !== null) return this.#say('503 5.5.1 nested MAIL')
    const [, address = '', parameters = ''] = /^MAIL FROM:<(.*?)>(.*)$/i.exec(line) ?? []
    const reply = await this.#act('MAIL', '250 2.1.0 sender ok')
    if (reply.startsWith('2')) this.#sender = { address, parameters: parameters.trim().split(' ').filter(Boolean) }
  }

  async #recipient(line: string): Promise<unknown> {
    const { recipientsPerMessage = Number.POSITIVE_INFINITY } = this.#server.script
    const recipient = /^RCPT TO:<(.*)>/i.exec(line)?.[1] ?? ''
    if (this.#sender === null) return this.#say('503 5.5.1 MAIL first')
    if (this.#recipients.length >= recipientsPerMessage) return this.#say('452 4.5.3 too many recipients')
    const reply = await this.#act('RCPT', '250 2.1.5 recipient ok', recipient)
    if (reply.startsWith('2')) this.#recipients.push(recipient)
  }

  async #data(): Promise<unknown> {
    const reply = await this.#act('DATA', this.#recipients.length === 0 ? '503 5.5.1 no valid recipients' : '354 end with a dot')
    if (!reply.startsWith('354')) return null
    const { dropAtBodyByte, refuseAtBodyByte } = this.#server.script
    if (dropAtBodyByte !== undefined) {
      await this.#input.bytes(dropAtBodyByte)
      return this.#perform({ afterwards: 'reset' })
    }
    if (refuseAtBodyByte !== undefined && (await this.#input.bytes(refuseAtBodyByte.bytes)) !== null) {
      return this.#perform({ reply: refuseAtBodyByte.reply, afterwards: 'silence' })
    }
    const body = await this.#input.body()
    if (body === null) return null
    if (this.#recipients.length === 0) return this.#act('DOT', '554 5.5.1 no valid recipients')
    await this.#take(body.replace(/(^|\r\n)\./g, '$1'))
  }

  async #chunk(line: string): Promise<unknown> {
    const [, size = '0', last] = line.split(' ')
    const chunk = await this.#input.bytes(Number(size))
    if (chunk === null) return null
    if (this.#recipients.length === 0) return this.#act('BDAT', '503 5.5.1 no valid recipients')
    this.#chunks += chunk
    if (last !== 'LAST') return this.#say('250 2.0.0 chunk ok')
    await this.#take(this.#chunks)
  }

  async #take(content: string): Promise<void> {
    const before = this.#messages
    const act = this.#server.actAt('DOT') ?? `250 2.0.0 taken as ${this.#server.messages.length + 1}`
    const reply = replyOf(act)
    this.#messages = before + 1
    this.#server.record({
      sender: this.#sender?.address ?? '',
      recipients: this.#recipients,
      parameters: this.#sender?.parameters ?? [],
      content,
      sha256: createHash('sha256').update(content, 'latin1').digest('hex'),
      receivedAt: new Date(),
      connection: this.#number,
      fate: reply === '' ? 'swallowed' : reply.startsWith('2') ? 'accepted' : 'refused',
    })
    this.#forget()
    await this.#perform(act)
  }

  #forget(): void {
    this.#sender = null
    this.#recipients = []
    this.#chunks = ''
  }

  async #act(moment: Moment, usual: Act, recipient?: string): Promise<string> {
    const act = this.#server.actAt(moment, recipient) ?? usual
    await this.#perform(act)
    return replyOf(act)
  }

  async #perform(act: Act): Promise<void> {
    const story: ActStory = typeof act === 'string' ? { reply: act } : act
    if (story.after) await story.after.arrive()
    const reply = story.reply === undefined ? '' : `${story.reply.replaceAll('\n', '\r\n')}\r\n`
    await this.#write(reply + (story.raw ?? ''), story.slowly ?? false)
    if (story.afterwards === undefined) return
    this.#over = true
    if (story.afterwards === 'reset') return resetOf(this.#stream)
    if (story.afterwards === 'close') this.#stream.end()
    await this.#input.end()
  }

  #say(reply: string): Promise<void> {
    return this.#write(`${reply}\r\n`, false)
  }

  async #write(bytes: string, slowly: boolean): Promise<void> {
    for (const piece of slowly ? bytes : [bytes]) {
      if (piece === '' || this.#stream.destroyed) continue
      await new Promise<void>((resolve) => {
        this.#stream.write(piece, 'latin1', () => resolve())
      })
    }
  }
}

/** One for all connections of a server: the keys of session tickets live in it. */
const contexts = new WeakMap<TlsScript, SecureContext>()

function contextOf(tls: TlsScript): SecureContext {
  const known = contexts.get(tls)
  if (known) return known
  const old = tls.maxVersion === 'TLSv1' || tls.maxVersion === 'TLSv1.1'
  const made = createSecureContext({
    ...(tls.certificate ?? good),
    minVersion: 'TLSv1',
    ...(tls.maxVersion && { maxVersion: tls.maxVersion }),
    // OpenSSL 3 refuses the old versions at its usual level of security.
    ...(old && { ciphers: 'DEFAULT@SECLEVEL=0' }),
  })
  contexts.set(tls, made)
  return made
}

function replyOf(act: Act): string {
  return typeof act === 'string' ? act : (act.reply ?? '')
}

function resetOf(stream: Duplex): void {
  if ('resetAndDestroy' in stream && typeof stream.resetAndDestroy === 'function') stream.resetAndDestroy()
  else stream.destroy()
}
