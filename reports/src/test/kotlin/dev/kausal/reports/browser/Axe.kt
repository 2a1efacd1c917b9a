package dev.kausal.reports.browser

/** axe-core, which checks a page's accessibility from within. */
internal object Axe {
    private val script: String by lazy {
        val version = System.getProperty("axe.version")
        val name = "META-INF/resources/webjars/axe-core/$version/axe.min.js"
        checkNotNull(javaClass.classLoader.getResource(name)) { "$name is not on the class path." }.readText()
    }

    /** A rule that the page breaks, and where. */
    data class Finding(
        val rule: String,
        val impact: String,
        val where: String,
    ) {
        val serious: Boolean = impact == "serious" || impact == "critical"
    }

    fun findings(browser: Browser): List<Finding> {
        browser.run(script)
        val found = browser.await(
            "const done = arguments[0]; axe.run().then(r => done(r.violations.map(v => " +
                "[v.id, String(v.impact), v.nodes.slice(0, 3).map(n => n.target.join(' ') + ': ' + " +
                "n.failureSummary).join('; ')])))",
        )
        return (found as List<*>).map { row -> (row as List<*>).let { Finding("${it[0]}", "${it[1]}", "${it[2]}") } }
    }
}
