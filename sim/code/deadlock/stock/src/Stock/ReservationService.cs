using Confluent.Kafka;
using Microsoft.Data.SqlClient;
using Serilog;

namespace Stock;

/// <summary>Reserves stock for paid orders; reads shop-orders-paid.</summary>
public sealed class ReservationService(ReservationStore store, IProducer<string, string> producer, ILogger log)
{
    private const int Attempts = 3;

    public async Task HandleAsync(OrderPaid evt)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                var reservation = await store.ReserveAsync(evt.OrderNo, evt.Sku);
                log.Information("Reserved {Bin} for order {OrderNo}", reservation.Bin, evt.OrderNo);
                await producer.ProduceAsync("stock-reserved", reservation.ToMessage());
                return;
            }
            catch (SqlException e) when (attempt < Attempts)
            {
                log.Warning(e, "Reservation for order {OrderNo} failed, attempt {Attempt} of 3", evt.OrderNo, attempt);
            }
            catch (SqlException e)
            {
                log.Error(e, "Reservation for order {OrderNo} given up", evt.OrderNo);
            }
        }
    }
}

public sealed record OrderPaid(long OrderNo, string Sku);
