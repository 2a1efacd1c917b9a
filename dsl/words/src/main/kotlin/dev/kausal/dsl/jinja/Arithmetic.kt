package dev.kausal.dsl.jinja

/** Python's operators on values. */
internal object Arithmetic {
    /** Returns the operation written as [operator]. */
    fun of(operator: String): (Rendering, Any?, Any?) -> Any? =
        when (operator) {
            "+" -> ::add

            "*" -> ::times

            "~" -> { run, a, b -> run.budget.text(Values.text(a) + Values.text(b)) }

            "-" -> { _, a, b -> numbers(a, b, Math::subtractExact) { x, y -> x - y } }

            "//" -> {
                _,
                a,
                b,
                ->
                numbers(a, b, { x, y -> Math.floorDiv(x, some(y)) }) { x, y -> kotlin.math.floor(x / y) }
            }

            "%" -> { _, a, b -> numbers(a, b, { x, y -> Math.floorMod(x, some(y)) }) { x, y -> x.mod(y) } }

            "/" -> { _, a, b -> double(a) / double(b).also { if (it == 0.0) some(0) } }

            "**" -> { _, a, b -> power(a, b) }

            else -> error("no operator $operator")
        }

    fun negative(value: Any?): Any =
        when (value) {
            is Long -> Math.negateExact(value)
            is Double -> -value
            else -> throw JinjaException("${Values.type(value)} has no negative")
        }

    private fun add(
        run: Rendering,
        a: Any?,
        b: Any?,
    ): Any? =
        when {
            a is String && b is String -> run.budget.text(a + b)
            a is List<*> && b is List<*> -> (a + b).also { run.budget.characters(it.size.toLong()) }
            else -> numbers(a, b, Math::addExact) { x, y -> x + y }
        }

    private fun times(
        run: Rendering,
        a: Any?,
        b: Any?,
    ): Any? {
        if (a is String && b is Long) {
            val count = b.coerceAtLeast(0)
            if (count > Budget.ITEMS) throw BeyondLimit("it repeats a text $count times")
            run.budget.characters(a.length * count)
            return a.repeat(count.toInt())
        }
        return numbers(a, b, Math::multiplyExact) { x, y -> x * y }
    }

    private fun power(
        a: Any?,
        b: Any?,
    ): Any {
        val value = Math.pow(double(a), double(b))
        val whole = a is Long && b is Long && b >= 0
        return if (whole && value < Long.MAX_VALUE.toDouble()) value.toLong() else value
    }

    private fun some(divisor: Long): Long = if (divisor == 0L) throw JinjaException("a division by 0") else divisor

    private fun double(value: Any?): Double =
        (value as? Number)?.toDouble() ?: throw JinjaException("${Values.type(value)} is not a number")

    private fun numbers(
        a: Any?,
        b: Any?,
        whole: (Long, Long) -> Long,
        decimal: (Double, Double) -> Double,
    ): Any =
        try {
            if (a is Long && b is Long) whole(a, b) else decimal(double(a), double(b))
        } catch (e: ArithmeticException) {
            throw JinjaException("a number is too large (${e.message})", e)
        }
}
