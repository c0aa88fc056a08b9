{% set payment_methods = ['credit_card', 'coupon', 'bank_transfer', 'gift_card'] %}

with paid as (
    select
        order_id,
        {%- for method in payment_methods %}
        sum(case when payment_method = '{{ method }}' then amount else 0 end) as {{ method }}_amount,
        {%- endfor %}
        sum(amount) as amount
    from {{ ref('stg_payments') }}
    group by order_id
)

select
    orders.order_id,
    orders.customer_id,
    orders.order_date,
    orders.status,
    {%- for method in payment_methods %}
    coalesce(paid.{{ method }}_amount, 0) as {{ method }}_amount,
    {%- endfor %}
    coalesce(paid.amount, 0) as amount
from {{ ref('stg_orders') }} as orders
left join paid on orders.order_id = paid.order_id
