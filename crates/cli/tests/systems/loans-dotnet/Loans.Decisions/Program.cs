using MassTransit;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddMassTransit(x =>
{
    x.UsingInMemory();
    x.AddRider(rider =>
    {
        rider.AddConsumer<LoanRequestedConsumer>();
        rider.AddProducer<string, LoanDecided>("loans.decided");
        rider.UsingKafka((context, k) =>
        {
            k.Host("kafka:9092");
            k.TopicEndpoint<string, LoanRequested>("loans.requested", "decisions", e => e.ConfigureConsumer<LoanRequestedConsumer>(context));
        });
    });
});
builder.Build().Run();
