using Confluent.Kafka;
using Serilog;

namespace Webshop;

/// <summary>Takes note of payments and asks for stock.</summary>
public sealed class Payments(OrderStore orders, IProducer<string, string> producer, ILogger log)
{
    private const string Topic = "shop-orders-paid";

    public async Task OnPaidAsync(long orderNo, long customer, string sku)
    {
        await orders.SetStatusAsync(orderNo, "PAID");
        log.Information("Payment for order {OrderNo} received from customer {Customer}", orderNo, customer);
        var body = OrderPaid.Serialize(orderNo, customer, sku);
        await producer.ProduceAsync(Topic, new Message<string, string> { Key = orderNo.ToString(), Value = body });
    }
}
