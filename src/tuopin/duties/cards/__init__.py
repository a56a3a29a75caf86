"""Cards (明白卡), the paper ledger, public notices and the household's handbook: what the room prints."""
