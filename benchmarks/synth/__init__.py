"""How long synthesis takes and how much memory it needs, beside an app that does nothing.

    python -m benchmarks.synth [--rounds 5] [--environment eu-prod] [--many 100] [--prebuilt PYTHON]

Every round runs each app once, in turn, in a process of its own; the table shows medians, so that a busy machine slows all
alike. `floor` starts jsii and Node and synthesizes an app without a stack: what any CDK app in Python costs. `prebuilt` is one
resource group made with the azurerm bindings we do without, where an interpreter has them (400 MB, so none of ours does):

    python3 -m venv /tmp/prebuilt && /tmp/prebuilt/bin/pip install cdktf-cdktf-provider-azurerm
    python -m benchmarks.synth --prebuilt /tmp/prebuilt/bin/python
"""
