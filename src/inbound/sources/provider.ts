/** Sources that providers hand mail to: found, and how they fare. */
export { noteProvider, selectProviderSource as findProviderSource } from './provider-queries.ts'
