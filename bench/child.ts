import { type ChildProcess, fork } from 'node:child_process'

/** Runs a bench file in a process of its own with `input`, and gives what it sends back: heaps and processor time do not mix. */
export async function inChild<Input extends object, Output>(file: URL, input: Input): Promise<Output> {
  const child = fork(file, [JSON.stringify(input)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
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
