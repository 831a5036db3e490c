using Confluent.Kafka;
using Microsoft.Extensions.Configuration;

namespace Loans.Api;

public class LoanPublisher
{
    private readonly IProducer<string, string> _producer;
    private readonly string _topic;

    public LoanPublisher(IProducer<string, string> producer, IConfiguration configuration)
    {
        _producer = producer;
        _topic = configuration["Kafka:Topics:Requested"];
    }

    public Task Publish(Loan loan) =>
        _producer.ProduceAsync(_topic, new Message<string, string> { Key = loan.Id.ToString(), Value = "{}" });
}
