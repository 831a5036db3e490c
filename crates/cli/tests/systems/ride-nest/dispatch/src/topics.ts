export const TOPICS = {
  requested: 'ride.requested',
  assigned: 'ride.assigned',
} as const;
