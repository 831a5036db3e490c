using MassTransit;

public class LoanRequestedConsumer : IConsumer<LoanRequested>
{
    private readonly ITopicProducer<string, LoanDecided> _decided;

    public LoanRequestedConsumer(ITopicProducer<string, LoanDecided> decided) => _decided = decided;

    public async Task Consume(ConsumeContext<LoanRequested> context)
    {
        await _decided.Produce(context.Message.Id.ToString(), new LoanDecided(context.Message.Id));
    }
}
