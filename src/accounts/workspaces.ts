export { firstWorkspace as findFirstWorkspace } from './queries.ts'
