export const READINESS_IDS = ['sender', 'domain', 'route', 'content', 'audience', 'unsubscribe'] as const
