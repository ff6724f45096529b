/** What runs ask of programs elsewhere: put down here, carried out by `sender.ts`. */
export { insertRequest as putRequest, type NewRequest, type RequestId, withdrawRequest } from './queries.ts'
