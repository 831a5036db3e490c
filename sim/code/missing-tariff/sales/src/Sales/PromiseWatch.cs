using Serilog;

namespace Sales;

/// <summary>Watches that a subscription is rated within the promised time.</summary>
public sealed class PromiseWatch(SubscriptionStore store, ILogger log)
{
    private static readonly TimeSpan Promise = TimeSpan.FromMinutes(15);

    public async Task CheckAsync(Guid subscriptionId)
    {
        var subscription = await store.FindAsync(subscriptionId);
        if (subscription.State != "REQUESTED")
        {
            return;
        }
        await store.TouchAsync(subscriptionId);
        log.Error("Promise of 15 minutes breached for subscription {SubscriptionId}: still REQUESTED", subscriptionId);
    }
}
