/**
 * A real Chromium for tests of the console: the one that `@sparticuz/chromium` ships inside npm (Linux on x64), or one that is installed.
 * Nothing is downloaded, nothing phones home.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll } from 'vitest'

const FLAGS = [
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
  // Containers and root have no user namespaces to build a sandbox from; what is shown here is ours.
  '--no-sandbox',
  '--no-zygote',
]
const INSTALLED = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

let launched: Promise<Browser> | null = null

/**
 * One browser for all test files of this process, which ends it when it ends itself: each test has a context of its own, and leaves none. Call it
 * at the top of the file.
 */
export async function testBrowser(): Promise<Browser> {
  launched ??= launch()
  const browser = await launched
  afterAll(async () => {
    for (const context of browser.contexts()) await context.close()
  })
  return browser
}

async function launch(): Promise<Browser> {
  const { executable, libraries } = await findChromium()
  const browser = await chromium.launch({
    executablePath: executable,
    args: FLAGS,
    env: { ...stringsOf(process.env), ...(libraries && { LD_LIBRARY_PATH: libraries }) },
  })
  // Whoever asks after it died gets another.
  browser.on('disconnected', () => {
    launched = null
  })
  return browser
}

interface Chromium {
  readonly executable: string
  /** A folder with the NSS libraries, where the system has none. */
  readonly libraries: string | null
}

async function findChromium(): Promise<Chromium> {
  const shipped = await unpackShipped()
  if (shipped) {
    const { executable, libraries } = shipped
    if (runs(executable, null)) return { executable, libraries: null }
    if (runs(executable, libraries)) return { executable, libraries }
  }
  const installed = INSTALLED.flatMap((name) =>
    (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)),
  ).find(existsSync)
  if (installed && runs(installed, null)) return { executable: installed, libraries: null }
  throw new Error(
    'No Chromium runs here: the one that npm ships is for Linux on x64 and needs glibc, and none is installed (apt-get install chromium).',
  )
}

function runs(executable: string, libraries: string | null): boolean {
  const { status } = spawnSync(executable, ['--version', '--no-sandbox'], {
    env: { ...process.env, ...(libraries && { LD_LIBRARY_PATH: libraries }) },
    timeout: 20_000,
    stdio: 'ignore',
  })
  return status === 0
}

/**
 * The package keeps its files compressed. They are unpacked once into a folder of their version, beside it and then renamed, so that two
 * test files that begin together never run half a browser. Null on other machines than Linux on x64.
 */
async function unpackShipped(): Promise<{ executable: string; libraries: string } | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const home = join(dirname(entry), '..')
  const { version } = createRequire(import.meta.url)(join(home, 'package.json')) as { version: string }
  const folder = join(await writableFolder(), `chromium-${version}`)
  if (!existsSync(folder)) {
    const fresh = await mkdtemp(`${folder}.`)
    await chmod(fresh, 0o755)
    await unpackInto(fresh, join(home, 'bin'), entry)
    await rename(fresh, folder).catch(async (error: Error) => {
      await rm(fresh, { recursive: true, force: true })
      if (!existsSync(folder)) throw error
    })
  }
  return { executable: join(folder, 'chromium'), libraries: join(folder, 'al2023', 'lib') }
}

/** Beside the installed packages, where the next run finds it; a checkout that may not be written to uses the folder for temporary files. */
async function writableFolder(): Promise<string> {
  const beside = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'waybill')
  try {
    await mkdir(beside, { recursive: true })
    await access(beside, 2)
    return beside
  } catch {
    return tmpdir()
  }
}

/** The package unpacks into the folder for temporary files, which it asks for each time. */
async function unpackInto(folder: string, packed: string, entry: string): Promise<void> {
  const { inflate } = (await import(entry)) as { inflate: (file: string) => Promise<string> }
  const usual = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    await Promise.all(['chromium.br', 'al2023.tar.br'].map((file) => inflate(join(packed, file))))
  } finally {
    if (usual === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = usual
  }
}

function stringsOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined))
}
