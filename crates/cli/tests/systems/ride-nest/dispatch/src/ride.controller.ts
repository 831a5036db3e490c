import { Controller, Inject } from '@nestjs/common';
import { ClientKafka, Ctx, EventPattern, KafkaContext, MessagePattern, Payload } from '@nestjs/microservices';
import { TOPICS } from './topics';

@Controller()
export class RideController {
  constructor(@Inject('DISPATCH') private readonly client: ClientKafka, private readonly rides: RideService) {}

  @EventPattern(TOPICS.requested)
  async onRequested(@Payload() ride: RideRequested, @Ctx() context: KafkaContext) {
    const driver = await this.rides.assign(ride);
    this.client.emit(TOPICS.assigned, { key: ride.id, value: { ...ride, driver } });
  }

  @MessagePattern('ride.quote')
  quote(@Payload() ride: RideRequested) {
    return this.rides.quote(ride);
  }
}
