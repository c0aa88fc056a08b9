with ordered as (
    select
        customer_id,
        min(order_date) as first_order,
        max(order_date) as most_recent_order,
        count(order_id) as number_of_orders
    from {{ ref('stg_orders') }}
    group by customer_id
),

paid as (
    select
        orders.customer_id,
        sum(payments.amount) as customer_lifetime_value
    from {{ ref('stg_payments') }} as payments
    inner join {{ ref('stg_orders') }} as orders on payments.order_id = orders.order_id
    group by orders.customer_id
)

select
    customers.customer_id,
    customers.first_name,
    customers.last_name,
    ordered.first_order,
    ordered.most_recent_order,
    coalesce(ordered.number_of_orders, 0) as number_of_orders,
    coalesce(paid.customer_lifetime_value, 0) as customer_lifetime_value
from {{ ref('stg_customers') }} as customers
left join ordered on customers.customer_id = ordered.customer_id
left join paid on customers.customer_id = paid.customer_id
