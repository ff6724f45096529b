import { execFile, spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { CHECKOUT } from '../support/checkout.ts'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface FakeCheckout {
  readonly folder: string
  write(path: string, text: string, mode?: number): Promise<void>
  read(path: string): Promise<string>
  /** Puts a command of our own before the machine's. */
  fake(name: string, script: string): Promise<void>
  run(command: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Finished>
  start(command: string, args: readonly string[]): ReturnType<typeof spawn>
}

/** A checkout with our scripts and nothing else that is real: what they call is up to the test. */
export async function fakeCheckout(): Promise<FakeCheckout> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-checkout-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await cp(join(CHECKOUT, 'bin'), join(folder, 'bin'), { recursive: true })
  const fakes = join(folder, 'fakes')
  const environment = { PATH: `${fakes}:/usr/local/bin:/usr/bin:/bin`, HOME: folder }
  const write = async (path: string, text: string, mode = 0o644) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
    await chmod(join(folder, path), mode)
  }
  await write('package.json', await readFile(join(CHECKOUT, 'package.json'), 'utf8'))
  await write('package-lock.json', '{"first":true}\n')
  return {
    folder,
    write,
    read: (path) => readFile(join(folder, path), 'utf8'),
    fake: (name, script) => write(`fakes/${name}`, `#!/bin/sh\n${script}\n`, 0o755),
    run: (command, args, more = {}) =>
      new Promise((resolve) => {
        execFile(command, args, { cwd: folder, env: { ...environment, ...more } }, (error, stdout, stderr) => {
          resolve({ code: error ? ((error.code as unknown as number) ?? null) : 0, stdout, stderr })
        })
      }),
    start: (command, args) => spawn(command, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] }),
  }
}

/** The pinned Node of this checkout, under the name npm gives it. */
export async function linkPinnedNode(folder: string): Promise<void> {
  const name = `node-${process.platform}-${process.arch}`
  await mkdir(join(folder, 'node_modules', name, 'bin'), { recursive: true })
  await symlink(process.execPath, join(folder, 'node_modules', name, 'bin', 'node'))
}
