"""The rectification ledger (问题整改台账): taken in from the offices' workbooks, shown, written out."""
