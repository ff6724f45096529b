import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Most commands take less time than reading the program. Kept compiled beside the packages it is read in half the time; where
// nothing may be written there, it is compiled at every start.
enableCompileCache(join(import.meta.dirname, '..', 'node_modules', '.cache', 'waybill', 'compiled'))
const { program } = await import('./cli/program.ts')

await program(process.argv)
