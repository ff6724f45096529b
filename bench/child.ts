import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What Node is told by `bin/waybill`, and by nobody where a peer is measured. */
const SERVER_FLAGS = readFileSync(new URL('../bin/node-flags', import.meta.url), 'utf8')
  .trim()
  .split(' ')

/** Runs a bench file in a process of its own with `input`, and gives what it sends back: heaps and processor time do not mix. */
export async function inChild<Input extends object, Output>(file: URL, input: Input): Promise<Output> {
  return await runFile(file, input, [])
}

/** The same for what runs in a server: on Node as a server has it. */
export async function asServer<Input extends object, Output>(file: URL, input: Input): Promise<Output> {
  return await runFile(file, input, SERVER_FLAGS)
}

async function runFile<Output>(file: URL, input: object, flags: readonly string[]): Promise<Output> {
  const execArgv = [...process.execArgv, ...flags]
  const child = fork(file, [JSON.stringify(input)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv })
  const answer = await firstMessage(child)
  child.kill()
  return answer as Output
}

/** The input of this process when it is such a child. */
export function childInput<Input>(): Input {
  return JSON.parse(process.argv[2] ?? '{}') as Input
}

export function answerParent(output: object): void {
  process.send?.(output)
}

function firstMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`a bench process ended with ${code}`)))
  })
}
