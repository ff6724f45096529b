import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitUntil } from '../../src/lib/wait.ts'

const run = promisify(execFile)

export interface Dovecot {
  readonly imapPort: number
  readonly pop3Port: number
  readonly user: string
  /** Puts mails into a folder, as another program would. */
  deliver(mails: readonly string[], folder?: string): Promise<void>
  makeFolder(folder: string): Promise<void>
  removeFolder(folder: string): Promise<void>
  /** Forgets every UID of a folder: the next session finds another UIDVALIDITY. */
  renumber(folder?: string): Promise<void>
  setPassword(password: string): Promise<void>
  /** Ends every session of the user at once. */
  cut(): Promise<void>
  count(folder?: string): Promise<number>
  stop(): Promise<void>
}

interface Programs {
  readonly dovecot: string
  readonly doveconf: string
  readonly libexec: string
  readonly libraries: string
}

const PACKAGES = ['dovecot-core', 'dovecot-imapd', 'dovecot-pop3d']
const USER = 'support'
const LIBRARIES = '/usr/lib/dovecot'

/** The real Dovecot: the machine's own, or from Debian's packages, unpacked beside everything and not installed. A string: why there is none. */
export async function dovecotPrograms(limitMs = 60_000): Promise<Programs | string> {
  const own = await programsIn('/')
  if (typeof own !== 'string') return own
  const folder = join(tmpdir(), `waybill-dovecot-${userInfo().username}`)
  await linkLibraries(join(folder, 'root')).catch(() => {})
  const kept = await programsIn(join(folder, 'root'))
  if (typeof kept !== 'string') return kept
  if (process.platform !== 'linux') return 'Dovecot is not installed, and there are packages for Debian only'
  const signal = AbortSignal.timeout(limitMs)
  const making = `${folder}.${process.pid}`
  try {
    await mkdir(making, { recursive: true })
    await run('apt-get', ['download', ...PACKAGES], { cwd: making, signal }).catch(async () => {
      await run('apt-get', ['update'], { signal })
      await run('apt-get', ['download', ...PACKAGES], { cwd: making, signal })
    })
    for (const name of await readdir(making))
      if (name.endsWith('.deb')) await run('dpkg', ['-x', name, 'root'], { cwd: making, signal })
    await rename(making, folder).catch(() => {})
    await linkLibraries(join(folder, 'root'))
    return await programsIn(join(folder, 'root'))
  } catch (error) {
    return `Dovecot is not installed, and its packages could not be had within ${limitMs / 1_000} s: ${(error as Error).message.split('\n', 1)[0]}`
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

/** Its log-in processes look for modules where the package would have put them, whatever they are told. */
async function linkLibraries(root: string): Promise<void> {
  if (existsSync(LIBRARIES)) return
  if (!existsSync(join(root, 'usr/lib/dovecot'))) return
  if (userInfo().uid !== 0) throw new Error(`only root may link ${LIBRARIES} to them`)
  await symlink(join(root, 'usr/lib/dovecot'), LIBRARIES)
}

async function programsIn(root: string): Promise<Programs | string> {
  const libexec = join(root, 'usr/lib/dovecot')
  const programs = {
    dovecot: join(root, 'usr/sbin/dovecot'),
    doveconf: join(root, 'usr/bin/doveconf'),
    libexec,
    libraries: `${libexec}:${join(libexec, 'modules')}`,
  }
  const env = { ...process.env, LD_LIBRARY_PATH: programs.libraries }
  try {
    await run(programs.dovecot, ['--version'], { env, timeout: 10_000 })
    if (!existsSync(LIBRARIES)) throw new Error(`its modules are not at ${LIBRARIES}`)
    await readFile(join(libexec, 'imap'))
    await readFile(join(libexec, 'pop3'))
    return programs
  } catch (error) {
    return `${programs.dovecot} does not run: ${(error as Error).message.split('\n').slice(0, 2).join(' ')}`
  }
}

/** One user, one Maildir, two ports on this machine, everything else in a folder of its own. */
export async function startDovecot(programs: Programs, password: string): Promise<Dovecot> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-dovecot-run-'))
  await chmod(folder, 0o755)
  const [imapPort, pop3Port] = [await freePort(), await freePort()]
  const isRoot = userInfo().uid === 0
  // Dovecot gives nobody access to mail as root.
  const { uid, gid } = isRoot ? { uid: 65_534, gid: 65_534 } : userInfo()
  const home = join(folder, 'mail')
  const maildir = join(home, 'Maildir')
  const config = join(folder, 'dovecot.conf')
  const users = join(folder, 'users')
  const setPassword = (given: string) => writeFile(users, `${USER}:{PLAIN}${given}\n`)
  const pathOf = (name: string) => (name === 'INBOX' ? maildir : join(maildir, `.${name}`))
  const own = async (path: string) => {
    if (isRoot) await chown(path, uid, gid)
  }
  async function makeFolder(name: string): Promise<void> {
    for (const path of [home, maildir, pathOf(name), ...['new', 'cur', 'tmp'].map((part) => join(pathOf(name), part))]) {
      await mkdir(path, { recursive: true })
      await own(path)
    }
  }
  await makeFolder('INBOX')
  await setPassword(password)
  await writeFile(
    config,
    configuration({
      folder,
      programs,
      users,
      uid,
      gid,
      imapPort,
      pop3Port,
      names: isRoot ? ['nobody', 'nogroup'] : await ownNames(),
    }),
  )
  const env = { ...process.env, LD_LIBRARY_PATH: programs.libraries }
  // It knows doveconf by an absolute path only, where an unpacked one does not have it. Begun by doveconf, it need not look for it.
  const command = ['-f', 'service=master', '-c', config, '-m', 'master', '-e', programs.dovecot, '-F', '-c', config]
  const child = spawn(programs.doveconf, command, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
  const isUp = await waitUntil(async () => child.exitCode !== null || (await answers(imapPort, '* OK')), {
    limitMs: 20_000,
    everyMs: 50,
  })
  if (!isUp || child.exitCode !== null)
    throw new Error(`Dovecot did not start: ${said}\n${await readFile(join(folder, 'log'), 'utf8').catch(() => '')}`)
  let delivered = 0
  return {
    imapPort,
    pop3Port,
    user: USER,
    async deliver(mails, name = 'INBOX') {
      for (const mail of mails) {
        const file = `${1_700_000_000 + delivered}.${process.pid}_${delivered++}.test`
        const unfinished = join(pathOf(name), 'tmp', file)
        await writeFile(unfinished, mail.replace(/\r?\n/g, '\n'))
        await own(unfinished)
        await rename(unfinished, join(pathOf(name), 'new', file))
      }
    },
    makeFolder,
    removeFolder: (name) => rm(pathOf(name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }),
    async renumber(name = 'INBOX') {
      for (const file of await readdir(pathOf(name)))
        if (file.startsWith('dovecot')) await rm(join(pathOf(name), file), { recursive: true, force: true, maxRetries: 20 })
    },
    setPassword,
    async cut() {
      // Its sessions are children of the master, one process each.
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
      for (const pid of children.trim().split(' ').map(Number)) {
        const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')
        if (/^(imap|pop3)\s*$/.test(name)) end(pid)
      }
    },
    count: async (name = 'INBOX') =>
      (await readdir(join(pathOf(name), 'new'))).length + (await readdir(join(pathOf(name), 'cur'))).length,
    async stop() {
      await ended(child)
      if ((await readlink(LIBRARIES).catch(() => '')).startsWith(join(tmpdir(), 'waybill-dovecot-'))) await rm(LIBRARIES)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** It may have ended by itself since it was seen. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function ownNames(): Promise<[string, string]> {
  const { stdout } = await run('id', ['-gn'])
  return [userInfo().username, stdout.trim()]
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const gone = once(child, 'exit')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(timer)
}

interface Place {
  readonly folder: string
  readonly programs: Programs
  readonly users: string
  readonly uid: number
  readonly gid: number
  readonly imapPort: number
  readonly pop3Port: number
  readonly names: readonly [user: string, group: string]
}

function configuration({ folder, programs, users, uid, gid, imapPort, pop3Port, names: [user, group] }: Place): string {
  const listen = (service: string, name: string, port: number) => `
service ${service}-login {
  chroot =
  user = ${user}
  inet_listener ${name} {
    address = 127.0.0.1
    port = ${port}
  }
  inet_listener ${name}s {
    port = 0
  }
}`
  return `
protocols = imap pop3
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/state
libexec_dir = ${programs.libexec}
mail_plugin_dir = ${programs.libexec}/modules
import_environment = LD_LIBRARY_PATH=${programs.libraries}
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
log_path = ${folder}/log
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:${folder}/mail/Maildir
mail_fsync = never
mail_max_userip_connections = 50
passdb {
  driver = passwd-file
  args = ${users}
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/mail
}
namespace inbox {
  inbox = yes
}
${listen('imap', 'imap', imapPort)}
${listen('pop3', 'pop3', pop3Port)}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number, beginning: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(2_000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('data', (bytes) => end(bytes.toString().startsWith(beginning)))
  })
}
