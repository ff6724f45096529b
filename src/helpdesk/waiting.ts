export { conversationsWaiting, type Waiting } from './waiting-queries.ts'
