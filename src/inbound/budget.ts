/** What everything that is sent by itself shares. */
export { mayAnswer } from './queries.ts'
