export { eventsOfMessage as storyOf } from './queries.ts'
